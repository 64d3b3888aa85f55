import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeUtf8 } from '../../../core/identity/json-bytes.ts';
import { UsageError } from '../../exit.ts';
import { repeatedMembers } from './repeated-members.ts';

/** Something wrong in an issuers folder. */
export type FolderFault = {
  /** File name; empty for the folder as a whole. */
  readonly file: string;
  /** JSON pointer (RFC 6901) into the file; empty for the file as a whole. */
  readonly path: string;
  /** The end of a sentence that begins with the path: what is wrong, and the cure. */
  readonly message: string;
};

/** One file of an issuers folder; `value` is `undefined` if it is no JSON. */
export type EntryFile = {
  readonly file: string;
  readonly value: unknown;
  readonly faults: readonly FolderFault[];
};

/** Reads the text of one entry: strict UTF-8, JSON, no member twice. */
export const readEntryFile = (file: string, bytes: Uint8Array): EntryFile => {
  const fault = (path: string, message: string): FolderFault => ({ file, path, message });
  const text = decodeUtf8(bytes);
  if (text === undefined) return { file, value: undefined, faults: [fault('', 'is not UTF-8: save it as UTF-8')] };
  if (text.startsWith('\uFEFF')) {
    return {
      file,
      value: undefined,
      faults: [fault('', 'begins with a byte order mark: save it as UTF-8 without one')],
    };
  }
  try {
    const value: unknown = JSON.parse(text);
    const twice = 'is written twice, and only the last would count: keep one';
    return { file, value, faults: repeatedMembers(text).map((path) => fault(path, twice)) };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { file, value: undefined, faults: [fault('', `is not JSON (${error.message}): correct it there`)] };
  }
};

/** Reads every `*.json` of a folder, by name; folders in it are not read. Throws `UsageError` if there is no such folder. */
export const readEntryFiles = (folder: string): readonly EntryFile[] => {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((found) => found.isFile() && found.name.endsWith('.json'))
      .map(({ name }) => name)
      .sort()
      .map((name) => readEntryFile(name, readFileSync(join(folder, name))));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== 'ENOENT' && code !== 'ENOTDIR') throw error;
    throw new UsageError(`there is no folder ${folder}: name the one that holds the issuers' JSON files`);
  }
};
