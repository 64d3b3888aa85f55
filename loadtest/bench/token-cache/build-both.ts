import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type BuildOptions, build, type Plugin } from 'esbuild';
import { REPOSITORY } from '../../../tools/bundles.ts';
import { compressLargeJson } from '../../../tools/compress-json.ts';

const CHECK = 'export const isSignatureGood =';

/**
 * The trial: a signature that was good is known by the SHA-256 of the whole token and by its key, and is not checked again. As little as a
 * cache could do, without bound or end, so what it saves is the most that one could save.
 */
const CACHED = `
import { hash } from 'node:crypto';
const known = new Map();
export const isSignatureGood = (token, publicKey, algorithm) => {
  const name = hash('sha256', token, 'base64');
  if (known.get(name) === publicKey) return true;
  const good = checkSignature(token, publicKey, algorithm);
  if (good) known.set(name, publicKey);
  return good;
};`;

const cacheSignatures: Plugin = {
  name: 'cache-signatures',
  setup: ({ onLoad }) => {
    onLoad({ filter: /check-signature\.ts$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      if (!source.includes(CHECK)) throw new Error(`${path} has no ${CHECK} to put a cache before`);
      return { contents: `${source.replace(CHECK, 'const checkSignature =')}${CACHED}`, loader: 'ts' };
    });
  },
};

/** As `npm run build` builds the gate. */
const options = (cached: boolean): BuildOptions => ({
  absWorkingDir: REPOSITORY,
  bundle: true,
  minify: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  mainFields: ['module', 'main'],
  define: { __VERSION__: '"bench"' },
  plugins: cached ? [cacheSignatures, compressLargeJson] : [compressLargeJson],
  logLevel: 'error',
});

/** One thing built without the cache and with it. */
export type Both<Module> = {
  readonly without: Module;
  readonly cached: Module;
  readonly bytes: readonly [number, number];
};

/** Builds a source of the repository both ways into `folder` and loads both. */
export const buildBoth = async <Module>(source: string, name: string, folder: string): Promise<Both<Module>> => {
  const load = async (cached: boolean): Promise<{ readonly module: Module; readonly bytes: number }> => {
    const outfile = join(folder, `${name}-${cached ? 'cached' : 'without'}.mjs`);
    const stdin = { contents: source, resolveDir: REPOSITORY, loader: 'ts' } as const;
    await build({ ...options(cached), stdin, outfile });
    const { length } = await readFile(outfile);
    return { module: (await import(pathToFileURL(outfile).href)) as Module, bytes: length };
  };
  const [without, cached] = [await load(false), await load(true)];
  return { without: without.module, cached: cached.module, bytes: [without.bytes, cached.bytes] };
};
