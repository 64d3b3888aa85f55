import type { CreateBody } from '../../core/contract/schemas.ts';
import type { UploadSource } from '../source.ts';
import type { SavedFinish, SavedPart, SavedState, SavedUpload } from './saved-upload.ts';
import { stateKeyOf } from './state-key.ts';
import type { StateStore } from './state-store.ts';

/** What one upload remembers of itself. */
export type Memory = {
  /** What an earlier run left; `undefined` also when the upload has outlived its time. */
  readonly load: () => Promise<SavedState | undefined>;
  readonly begin: (upload: SavedUpload) => Promise<void>;
  readonly addPart: (part: SavedPart) => Promise<void>;
  readonly finish: (finished: SavedFinish) => Promise<void>;
  readonly loadFinished: () => Promise<SavedFinish | undefined>;
  readonly forget: () => Promise<void>;
};

/** The memory of one upload. Without a store, or for a source without a fingerprint, it holds nothing. */
export const openMemory = (
  store: StateStore | undefined,
  upload: { readonly endpoint: string; readonly source: UploadSource; readonly body: CreateBody },
): Memory => {
  const { endpoint, source, body } = upload;
  let key: Promise<string> | undefined;
  const at = async <Value>(work: (store: StateStore, key: string) => Promise<Value>): Promise<Value | undefined> => {
    if (store === undefined || source.fingerprint === undefined) return undefined;
    key ??= source.fingerprint().then((fingerprint) => stateKeyOf(endpoint, fingerprint, body));
    return work(store, await key);
  };
  return {
    load: () => at((open, name) => open.load(name)),
    begin: async (saved) => {
      await at((open, name) => open.begin(name, saved));
    },
    addPart: async (part) => {
      await at((open, name) => open.addPart(name, part));
    },
    finish: async (finished) => {
      await at((open, name) => open.finish(name, finished));
    },
    loadFinished: () => at((open, name) => open.loadFinished(name)),
    forget: async () => {
      await at((open, name) => open.remove(name));
    },
  };
};
