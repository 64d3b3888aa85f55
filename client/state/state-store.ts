import type { SavedFinish, SavedPart, SavedState, SavedUpload } from './saved-upload.ts';

/**
 * Where uploads are remembered, so that a crash or a reload costs only the parts that were on their way, and of many files
 * only those that were not finished. Keys are 64 hex digits. Losing what it holds is never wrong, only slower.
 */
export type StateStore = {
  /** The open upload under this key; what cannot be read, or is finished, counts as unknown. */
  readonly load: (key: string) => Promise<SavedState | undefined>;
  /** Begins anew under this key, without parts. */
  readonly begin: (key: string, upload: SavedUpload) => Promise<void>;
  /** Adds a stored part. Of a part added twice the last counts. */
  readonly addPart: (key: string, part: SavedPart) => Promise<void>;
  /** Puts a finished upload in the place of what was known under this key. */
  readonly finish: (key: string, finished: SavedFinish) => Promise<void>;
  /** The finished upload under this key. */
  readonly loadFinished: (key: string) => Promise<SavedFinish | undefined>;
  /** Forgets the key; that it was unknown is no error. */
  readonly remove: (key: string) => Promise<void>;
};
