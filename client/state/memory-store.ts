import type { SavedFinish, SavedPart, SavedUpload } from './saved-upload.ts';
import type { StateStore } from './state-store.ts';

/** Remembers for as long as the process lives. */
export const createMemoryStore = (): StateStore => {
  const open = new Map<string, { upload: SavedUpload; parts: Map<number, SavedPart> }>();
  const finished = new Map<string, SavedFinish>();
  const forget = (key: string) => {
    open.delete(key);
    finished.delete(key);
  };
  return {
    load: async (key) => {
      const found = open.get(key);
      return found === undefined ? undefined : { upload: found.upload, parts: [...found.parts.values()] };
    },
    begin: async (key, upload) => {
      forget(key);
      open.set(key, { upload, parts: new Map() });
    },
    addPart: async (key, part) => {
      open.get(key)?.parts.set(part.number, part);
    },
    finish: async (key, finish) => {
      forget(key);
      finished.set(key, finish);
    },
    loadFinished: async (key) => finished.get(key),
    remove: async (key) => forget(key),
  };
};
