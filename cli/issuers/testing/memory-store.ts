import { createHash } from 'node:crypto';
import type { RegistryStore, StoredText } from '../store/registry-store.ts';

/** What a memory store is told to do wrong. */
export type MemoryFaults = {
  /** Every call fails as if nobody answered. */
  down: boolean;
  /** Writes of these keys fail before they happen. */
  failWrites: boolean;
  /** The next so many writes happen, but their answer is lost. */
  loseAnswers: number;
};

export type MemoryStore = RegistryStore & {
  readonly faults: MemoryFaults;
  /** The object as it stands; `undefined`: none. */
  body(key: string): string | undefined;
  /** Every key that holds something, in order. */
  keys(): readonly string[];
  /** Runs before each write, so that a test can come in between. */
  beforeWrite: (key: string) => void | Promise<void>;
};

const etagOf = (body: string): string => `"${createHash('md5').update(body).digest('hex')}"`;

/** A registry bucket in memory that keeps versions. */
export const createMemoryStore = (objects: Readonly<Record<string, string>> = {}): MemoryStore => {
  const versions = new Map(Object.entries(objects).map(([key, body]) => [key, [body]]));
  const faults: MemoryFaults = { down: false, failWrites: false, loseAnswers: 0 };
  const newest = (key: string): StoredText | null => {
    const body = versions.get(key)?.at(-1);
    return body === undefined ? null : { body, etag: etagOf(body) };
  };
  const answer = (): void => {
    if (faults.down) throw new Error('connect ECONNREFUSED');
  };
  const store: MemoryStore = {
    faults,
    body: (key) => newest(key)?.body,
    keys: () => [...versions.keys()].sort(),
    beforeWrite: () => undefined,
    read: async (key) => {
      answer();
      return newest(key);
    },
    write: async (key, body, etag) => {
      answer();
      await store.beforeWrite(key);
      if (faults.failWrites) throw new Error('read ECONNRESET');
      if ((newest(key)?.etag ?? null) !== etag) return 'conflict';
      versions.set(key, [...(versions.get(key) ?? []), body]);
      if (faults.loseAnswers > 0) {
        faults.loseAnswers -= 1;
        throw new Error('socket hang up');
      }
      return 'written';
    },
    list: async (prefix) => {
      answer();
      return [...versions.keys()].filter((key) => key.startsWith(prefix)).sort();
    },
    history: async function* (key) {
      answer();
      yield* (versions.get(key) ?? []).toReversed();
    },
  };
  return store;
};
