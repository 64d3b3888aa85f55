import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open, readdir, rename } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { UploadRecordWithDownload } from '../../core/contract/records.ts';

/** A download under way: a hidden file beside its target that names the upload's version and the process that writes it. */
export type PartialFile = { readonly path: string; readonly file: FileHandle };

const LABEL_MAX = 80;

/** Text that names one version of one upload. */
const versionOf = (record: UploadRecordWithDownload): string =>
  createHash('sha256')
    .update(JSON.stringify([record.id, record.versionId, record.etag]))
    .digest('hex')
    .slice(0, 24);

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
};

/** What an earlier process left, if that process is gone. */
const findLeft = async (folder: string, prefix: string): Promise<string | undefined> =>
  (await readdir(folder)).find((name) => {
    const pid = name.startsWith(prefix) ? /^(\d+)\.part$/.exec(name.slice(prefix.length))?.[1] : undefined;
    return pid !== undefined && (Number(pid) === process.pid || !isAlive(Number(pid)));
  });

const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT';

/** Opens what an earlier process left of the same version, or a new file; only its owner can read it. Two processes never share one. */
export const openPartial = async (target: string, record: UploadRecordWithDownload): Promise<PartialFile> => {
  const folder = dirname(target);
  const prefix = `.${basename(target).slice(0, LABEL_MAX)}.${versionOf(record)}.`;
  const path = join(folder, `${prefix}${process.pid}.part`);
  const left = await findLeft(folder, prefix);
  if (left !== undefined) {
    try {
      await rename(join(folder, left), path);
      return { path, file: await open(path, constants.O_RDWR | constants.O_NOFOLLOW) };
    } catch (error) {
      // Another process was quicker.
      if (!isMissing(error)) throw error;
    }
  }
  return { path, file: await open(path, 'wx+', 0o600) };
};
