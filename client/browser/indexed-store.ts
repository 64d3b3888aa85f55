import * as v from 'valibot';
import { UPLOAD_LIFE_MS } from '../../core/contract/limits.ts';
import { SavedFinish, SavedPart, SavedUpload } from '../state/saved-upload.ts';
import type { StateStore } from '../state/state-store.ts';

const UPLOADS = 'uploads';
const PARTS = 'parts';
const VERSION = 1;

const done = <Value>(request: IDBRequest<Value>): Promise<Value> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

const committed = (transaction: IDBTransaction): Promise<void> =>
  new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error);
  });

const openDatabase = (name: string): Promise<IDBDatabase> => {
  const request = indexedDB.open(name, VERSION);
  request.onupgradeneeded = () => {
    request.result.createObjectStore(UPLOADS);
    request.result.createObjectStore(PARTS);
  };
  return done(request);
};

const partsOf = (key: string): IDBKeyRange => IDBKeyRange.bound([key], [key, []]);

const erase = (transaction: IDBTransaction, key: string): void => {
  transaction.objectStore(UPLOADS).delete(key);
  transaction.objectStore(PARTS).delete(partsOf(key));
};

const isOver = (value: unknown, now: number): boolean => {
  const open = v.safeParse(SavedUpload, value);
  if (open.success) return Date.parse(open.output.expiresAt) + UPLOAD_LIFE_MS < now;
  const finished = v.safeParse(SavedFinish, value);
  return !finished.success || Date.parse(finished.output.finishedAt) + UPLOAD_LIFE_MS < now;
};

/** Removes what has outlived its time. */
const prune = async (database: IDBDatabase): Promise<void> => {
  const transaction = database.transaction([UPLOADS, PARTS], 'readwrite');
  const uploads = transaction.objectStore(UPLOADS);
  const [keys, values] = await Promise.all([done(uploads.getAllKeys()), done(uploads.getAll())]);
  for (const [index, key] of keys.entries()) if (isOver(values[index], Date.now())) erase(transaction, String(key));
  await committed(transaction);
};

/** Remembers uploads in an IndexedDB database of the page's origin. */
export const createIndexedStore = (name = 'nearput'): StateStore => {
  let opened: Promise<IDBDatabase> | undefined;
  const database = (): Promise<IDBDatabase> => {
    opened ??= openDatabase(name).then(async (db) => {
      await prune(db);
      return db;
    });
    return opened;
  };
  const change = async (work: (transaction: IDBTransaction) => void | Promise<void>): Promise<void> => {
    const transaction = (await database()).transaction([UPLOADS, PARTS], 'readwrite');
    await Promise.all([work(transaction), committed(transaction)]);
  };
  const replace = (key: string, value: SavedUpload | SavedFinish) =>
    change((transaction) => {
      erase(transaction, key);
      transaction.objectStore(UPLOADS).put(value, key);
    });
  return {
    load: async (key) => {
      const transaction = (await database()).transaction([UPLOADS, PARTS]);
      const [upload, parts] = await Promise.all([
        done(transaction.objectStore(UPLOADS).get(key)),
        done(transaction.objectStore(PARTS).getAll(partsOf(key))),
      ]);
      const saved = v.safeParse(v.object({ upload: SavedUpload, parts: v.array(SavedPart) }), { upload, parts });
      return saved.success ? saved.output : undefined;
    },
    begin: replace,
    finish: replace,
    loadFinished: async (key) => {
      const value = await done((await database()).transaction(UPLOADS).objectStore(UPLOADS).get(key));
      const finished = v.safeParse(SavedFinish, value);
      return finished.success ? finished.output : undefined;
    },
    addPart: (key, part) =>
      change(async (transaction) => {
        const known = await done(transaction.objectStore(UPLOADS).getKey(key));
        if (known !== undefined) transaction.objectStore(PARTS).put(part, [key, part.number]);
      }),
    remove: (key) => change((transaction) => erase(transaction, key)),
  };
};
