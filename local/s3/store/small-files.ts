import { randomBytes } from 'node:crypto';
import type { Entry } from './records.ts';
import { filesNamed } from './state.ts';

/** Most bytes of a data file that stands in the log (16 KiB). */
export const SMALL_MAX_BYTES = 16_384;

/** Characters of base64 that the small files of one Region may hold in memory together (64 MiB). */
const ROOM_CHARACTERS = 64 * 1024 ** 2;

/** Data files whose bytes stand in the log instead of the folder, all of them in memory. */
export interface SmallFiles {
  /** A new one, by its random name; null when it has too many bytes or there is no room left. It is lost with the process until the log names it. */
  add(bytes: Buffer): string | null;
  /** Takes in one that stands in the log. */
  restore(file: string, base64: string): void;
  /** Its bytes; undefined when it is none of these. */
  read(file: string): Buffer | undefined;
  /** Whether it was there. */
  remove(file: string): boolean;
  /** The entries as a line of the log: behind the bytes of every small file they name. */
  lineOf(entries: readonly Entry[]): readonly Entry[];
}

/** No small files yet, and room for `room` characters of base64. */
export function createSmallFiles(room = ROOM_CHARACTERS): SmallFiles {
  const contents = new Map<string, string>();
  let taken = 0;

  function remove(file: string): boolean {
    taken -= contents.get(file)?.length ?? 0;
    return contents.delete(file);
  }

  function restore(file: string, base64: string): void {
    remove(file);
    contents.set(file, base64);
    taken += base64.length;
  }

  return {
    add(bytes) {
      if (bytes.length > SMALL_MAX_BYTES) return null;
      const base64 = bytes.toString('base64');
      if (taken + base64.length > room) return null;
      const file = randomFileName();
      restore(file, base64);
      return file;
    },
    restore,
    read(file) {
      const base64 = contents.get(file);
      return base64 === undefined ? undefined : Buffer.from(base64, 'base64');
    },
    remove,
    lineOf(entries) {
      const bytes = entries.flatMap(filesNamed).flatMap((file): Entry[] => {
        const base64 = contents.get(file);
        return base64 === undefined ? [] : [{ op: 'bytes', file, base64 }];
      });
      return [...bytes, ...entries];
    },
  };
}

/** A name no other data file has. */
export const randomFileName = (): string => randomBytes(16).toString('hex');
