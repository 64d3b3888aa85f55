import { dirname } from 'node:path';
import { getSystemErrorMessage } from 'node:util';

/** The file system refused; the message names the file and says what to do. */
export class FileError extends Error {
  constructor(message: string, cause: unknown) {
    super(message, { cause });
    this.name = 'FileError';
  }
}

/** What a file system says, and a network does not. */
const FILE_FAULTS: ReadonlySet<string> = new Set([
  'EACCES',
  'EDQUOT',
  'EEXIST',
  'EFBIG',
  'EIO',
  'EISDIR',
  'ELOOP',
  'EMFILE',
  'ENAMETOOLONG',
  'ENFILE',
  'ENOENT',
  'ENOSPC',
  'ENOTDIR',
  'EPERM',
  'EROFS',
]);

type FileFault = Error & { readonly code: string; readonly errno: number; readonly path?: string };

const isFileFault = (error: unknown): error is FileFault =>
  error instanceof Error &&
  'errno' in error &&
  typeof error.errno === 'number' &&
  'code' in error &&
  FILE_FAULTS.has(String(error.code)) &&
  !('syscall' in error && error.syscall === 'connect');

const isForbidden = ({ code }: FileFault): boolean => code === 'EACCES' || code === 'EPERM';

/** What went wrong, without Node's names of codes and calls: `/x: not a directory`. */
export const reasonInWords = (error: unknown): string => {
  if (!isFileFault(error)) return error instanceof Error ? error.message : String(error);
  const reason = getSystemErrorMessage(error.errno);
  return error.path === undefined ? reason : `${error.path}: ${reason}`;
};

/** The file system's refusal of something that was to be read, in words; any other error as it is. */
export const inReadWords = (error: unknown): unknown => {
  if (!isFileFault(error) || error.path === undefined) return error;
  const { path, code } = error;
  if (code === 'ENOENT')
    return new FileError(`there is no file ${path}: check its name and the folder you call this from`, error);
  const cure = isForbidden(error) ? '; allow yourself to read it (chmod), or leave it out' : '';
  return new FileError(`${path} cannot be read: ${getSystemErrorMessage(error.errno)}${cure}`, error);
};

/** The file system's refusal of a file that was to be written at `path`, in words; any other error as it is. */
export const inWriteWords = (error: unknown, path: string): unknown => {
  if (!isFileFault(error)) return error;
  if (error.code === 'ENOENT')
    return new FileError(`there is no folder ${dirname(path)}: make it, or choose another place with -o FILE`, error);
  const reason = getSystemErrorMessage(error.errno);
  return new FileError(`${path} cannot be written: ${reason}; choose another place with -o FILE`, error);
};
