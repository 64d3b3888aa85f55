import { randomUUID } from 'node:crypto';
import { appendFile, constants, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { UPLOAD_LIFE_MS } from '../../core/contract/limits.ts';
import { SavedFinish, SavedPart, SavedUpload } from '../state/saved-upload.ts';
import type { StateStore } from '../state/state-store.ts';

const SUFFIX = '.upload.jsonl';
const OWNER_ONLY = 0o600;

const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT';

const parseLine = (line: string): unknown => {
  try {
    return JSON.parse(line);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
};

const readIfThere = async (path: string): Promise<string | undefined> => {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
};

const appendIfThere = async (path: string, text: string): Promise<void> => {
  try {
    await appendFile(path, text, { flag: constants.O_WRONLY | constants.O_APPEND });
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
};

/** Removes what is older than any upload lives. */
const prune = async (folder: string): Promise<void> => {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    if (!name.includes(SUFFIX)) continue;
    const { mtimeMs } = await stat(path);
    if (Date.now() - mtimeMs > UPLOAD_LIFE_MS) await rm(path, { force: true });
  }
};

/**
 * Remembers uploads in a folder that only its owner can read: one file each, the upload in the first line and a line for
 * every stored part; of a finished one its id alone. A line that a crash cut short is passed over; its part counts as unknown.
 */
export const createFileStore = (folder: string): StateStore => {
  const pathOf = (key: string) => join(folder, `${key}${SUFFIX}`);
  let prepared: Promise<void> | undefined;
  const prepare = () => {
    prepared ??= mkdir(folder, { recursive: true, mode: 0o700 }).then(() => prune(folder));
    return prepared;
  };
  const linesOf = async (key: string) => (await readIfThere(pathOf(key)))?.split('\n') ?? [];
  const replace = async (key: string, value: SavedUpload | SavedFinish) => {
    await prepare();
    const beside = `${pathOf(key)}.${randomUUID()}`;
    await writeFile(beside, `${JSON.stringify(value)}\n`, { mode: OWNER_ONLY, flag: 'wx' });
    await rename(beside, pathOf(key));
  };
  return {
    load: async (key) => {
      const [first = '', ...lines] = await linesOf(key);
      const upload = v.safeParse(SavedUpload, parseLine(first));
      if (!upload.success) return undefined;
      const parts = new Map<number, SavedPart>();
      for (const line of lines) {
        const part = v.safeParse(SavedPart, parseLine(line));
        if (part.success) parts.set(part.output.number, part.output);
      }
      return { upload: upload.output, parts: [...parts.values()] };
    },
    begin: replace,
    finish: replace,
    loadFinished: async (key) => {
      const [first = ''] = await linesOf(key);
      const finished = v.safeParse(SavedFinish, parseLine(first));
      return finished.success ? finished.output : undefined;
    },
    addPart: (key, part) =>
      // A line feed first as well: what a crash left of a line never swallows the next one.
      appendIfThere(pathOf(key), `\n${JSON.stringify(part)}\n`),
    remove: (key) => rm(pathOf(key), { force: true }),
  };
};
