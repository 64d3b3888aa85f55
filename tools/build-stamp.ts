import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** What the last build read and wrote; kept beside the metafiles. */
export type BuildStamp = {
  /** Digest over everything in `inputs`. */
  readonly digest: string;
  /** Files read, relative to the repository; packages are covered by the lock file. */
  readonly inputs: readonly string[];
  /** Files written, relative to the output folder. */
  readonly outputs: readonly string[];
};

/** Files that change every bundle when they change. */
const ALWAYS = [
  'package.json',
  'package-lock.json',
  'node_modules/.package-lock.json',
  'tools/build.ts',
  'tools/budgets.ts',
  'tools/bundles.ts',
  'tools/check-bundle.ts',
  'tools/compress-json.ts',
];

/** The inputs that a stamp watches: ours one by one, packages by the lock file. */
export const watchedInputs = (inputs: Iterable<string>, entries: readonly string[]): string[] => {
  const own = [...inputs].filter((input) => !input.includes('node_modules/'));
  return [...new Set([...ALWAYS, ...entries, ...own])].sort();
};

/** Digest over the names and contents of `inputs`; a missing file counts as such. */
export const digestInputs = (root: string, inputs: readonly string[]): string => {
  const hash = createHash('sha256');
  for (const input of inputs) {
    const path = join(root, input);
    const content = existsSync(path) ? readFileSync(path) : undefined;
    hash.update(`${input.length}:${input}:${content?.length ?? 'missing'}:`);
    if (content !== undefined) hash.update(content);
  }
  return hash.digest('hex');
};

/** Whether any input was written at or after `time` (milliseconds): then a build that began at `time` may have read the old one. */
export const changedSince = (root: string, inputs: readonly string[], time: number): boolean =>
  inputs.some((input) => (statSync(join(root, input), { throwIfNoEntry: false })?.mtimeMs ?? 0) >= time);

const isStamp = (value: unknown): value is BuildStamp =>
  typeof value === 'object' && value !== null && 'digest' in value && 'inputs' in value && 'outputs' in value;

/** Reads the stamp at `path`; `undefined` when there is none or it is not one of ours. */
export const readStamp = (path: string): BuildStamp | undefined => {
  if (!existsSync(path)) return undefined;
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return isStamp(value) ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
};

/** Whether the last build still stands: the same entries, the same contents, and every output in its place. */
export const isFresh = (
  root: string,
  outdir: string,
  stamp: BuildStamp | undefined,
  entries: readonly string[],
): boolean =>
  stamp !== undefined &&
  entries.every((entry) => stamp.inputs.includes(entry)) &&
  stamp.outputs.every((output) => existsSync(join(outdir, output))) &&
  digestInputs(root, stamp.inputs) === stamp.digest;
