import type { SavedPart, SavedState, SavedUpload } from './saved-upload.ts';

/**
 * Where uploads under way are remembered, so that a crash or a reload costs only the parts that were on their way.
 * Keys are 64 hex digits. Losing what it holds is never wrong, only slower.
 */
export type StateStore = {
  /** What is known under this key; what cannot be read counts as unknown. */
  readonly load: (key: string) => Promise<SavedState | undefined>;
  /** Begins anew under this key, without parts. */
  readonly begin: (key: string, upload: SavedUpload) => Promise<void>;
  /** Adds a stored part. Of a part added twice the last counts. */
  readonly addPart: (key: string, part: SavedPart) => Promise<void>;
  /** Forgets the key; that it was unknown is no error. */
  readonly remove: (key: string) => Promise<void>;
};
