import type { Found } from './find-files.ts';

/** What a call is about to upload. */
export type Coming = {
  /** Folders that were named. */
  readonly folders: number;
  readonly files: number;
  readonly bytes: number;
  /** Hidden files, and hidden folders with whatever is in them, that stay behind. */
  readonly hidden: number;
};

/** Counts what was found, before anything is sent; ends early with what it has when `signal` says so. */
export const countFiles = async (found: AsyncIterable<Found>, signal: AbortSignal): Promise<Coming> => {
  const coming = { folders: 0, files: 0, bytes: 0, hidden: 0 };
  for await (const one of found) {
    if (signal.aborted) break;
    if (one.kind === 'folder') coming.folders++;
    if (one.kind === 'hidden') coming.hidden++;
    if (one.kind !== 'file') continue;
    coming.files++;
    coming.bytes += one.size;
  }
  return coming;
};
