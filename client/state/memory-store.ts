import type { SavedPart, SavedUpload } from './saved-upload.ts';
import type { StateStore } from './state-store.ts';

/** Remembers for as long as the process lives. */
export const createMemoryStore = (): StateStore => {
  const states = new Map<string, { upload: SavedUpload; parts: Map<number, SavedPart> }>();
  return {
    load: async (key) => {
      const found = states.get(key);
      return found === undefined ? undefined : { upload: found.upload, parts: [...found.parts.values()] };
    },
    begin: async (key, upload) => {
      states.set(key, { upload, parts: new Map() });
    },
    addPart: async (key, part) => {
      states.get(key)?.parts.set(part.number, part);
    },
    remove: async (key) => {
      states.delete(key);
    },
  };
};
