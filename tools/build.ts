import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { type BuildOptions, build as esbuild, type Metafile } from 'esbuild';
import { BUDGETS } from './budgets.ts';
import { type BuildStamp, changedSince, digestInputs, isFresh, readStamp, watchedInputs } from './build-stamp.ts';
import { type Bundle, findBundles, REPOSITORY } from './bundles.ts';
import { bundleFacts, checkBundle } from './check-bundle.ts';
import { compressLargeJson } from './compress-json.ts';

/** One line of the build's report. */
export type BuiltBundle = { readonly name: string; readonly bytes: number; readonly maxBytes: number };

/** `built` is empty and `fresh` true when nothing had changed since the last build. */
export type BuildResult = { readonly fresh: boolean; readonly built: readonly BuiltBundle[] };

/** Where to read and write; absolute folders. `force` builds even if nothing changed. */
export type BuildInput = { readonly root?: string; readonly outdir?: string; readonly force?: boolean };

/** CommonJS packages inside an ES module bundle still call `require` for Node's own modules. */
const REQUIRE_BANNER =
  "import { createRequire as nearputCreateRequire } from 'node:module';const require = nearputCreateRequire(import.meta.url);";

const optionsFor = (bundle: Bundle, root: string, outdir: string, version: string): BuildOptions => ({
  absWorkingDir: root,
  entryPoints: [join(root, bundle.entry)],
  outfile: join(outdir, bundle.file),
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  external: [],
  mainFields: ['module', 'main'],
  define: { __VERSION__: JSON.stringify(version) },
  sourcemap: 'external',
  sourcesContent: false,
  legalComments: 'none',
  charset: 'utf8',
  treeShaking: true,
  keepNames: false,
  ...(bundle.room === 'edge'
    ? { minify: true }
    : { minifySyntax: true, minifyWhitespace: true, banner: { js: REQUIRE_BANNER } }),
  plugins: [compressLargeJson],
  metafile: true,
  write: false,
  logLevel: 'silent',
});

/** Writes beside the target and renames, so that a platform that starts meanwhile never reads half a bundle. */
const writeWhole = async (path: string, content: Uint8Array | string): Promise<void> => {
  await mkdir(dirname(path), { recursive: true });
  const beside = `${path}.${randomUUID()}`;
  await writeFile(beside, content);
  await rename(beside, path);
};

const readVersion = async (root: string): Promise<string> => {
  const manifest: unknown = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  if (typeof manifest === 'object' && manifest !== null && 'version' in manifest) return String(manifest.version);
  throw new Error('package.json has no version');
};

const buildOne = async (
  bundle: Bundle,
  root: string,
  outdir: string,
  version: string,
): Promise<{ metafile: Metafile; outputs: string[] }> => {
  const result = await esbuild(optionsFor(bundle, root, outdir, version));
  const { metafile, outputFiles } = result;
  if (metafile === undefined || outputFiles === undefined) throw new Error(`esbuild gave nothing for ${bundle.name}`);
  const meta = join('meta', `${bundle.name.replace('/', '-')}.json`);
  await Promise.all([
    ...outputFiles.map((file) => writeWhole(file.path, file.contents)),
    writeWhole(join(outdir, meta), JSON.stringify(metafile)),
  ]);
  return { metafile, outputs: [...outputFiles.map((file) => relative(outdir, file.path)), meta] };
};

/**
 * Builds every Lambda bundle into `dist`, unless the sources are those of the last build.
 * Throws when a source does not compile, and, after all are written, when any breaks its budget of `tools/budgets.ts`.
 */
export const build = async (input: BuildInput = {}): Promise<BuildResult> => {
  const root = input.root ?? REPOSITORY;
  const outdir = input.outdir ?? join(root, 'dist');
  const stampPath = join(outdir, 'meta', 'build.json');
  const bundles = findBundles(root);
  const entries = bundles.map((bundle) => bundle.entry);
  if (input.force !== true && isFresh(root, outdir, readStamp(stampPath), entries)) return { fresh: true, built: [] };

  const startedAt = Date.now();
  const version = await readVersion(root);
  const built: BuiltBundle[] = [];
  const faults: string[] = [];
  const inputs = new Set<string>();
  const outputs: string[] = [];
  for (const bundle of bundles) {
    const one = await buildOne(bundle, root, outdir, version);
    const facts = bundleFacts(one.metafile);
    const budget = BUDGETS[bundle.name];
    built.push({ name: bundle.name, bytes: facts.bytes, maxBytes: budget?.maxBytes ?? 0 });
    faults.push(...checkBundle(bundle.name, facts, budget));
    outputs.push(...one.outputs);
    for (const path of Object.keys(one.metafile.inputs)) inputs.add(path);
  }
  if (faults.length > 0) {
    if (existsSync(stampPath)) await rm(stampPath);
    throw new Error(faults.join('\n'));
  }
  const watched = watchedInputs(inputs, entries);
  if (changedSince(root, watched, startedAt)) return { fresh: false, built };
  const stamp: BuildStamp = { digest: digestInputs(root, watched), inputs: watched, outputs };
  await writeWhole(stampPath, JSON.stringify(stamp));
  return { fresh: false, built };
};

const main = async (): Promise<void> => {
  const { fresh, built } = await build({ force: process.argv.includes('--force') });
  if (fresh) process.stdout.write('bundles are up to date\n');
  for (const { name, bytes, maxBytes } of built) {
    process.stdout.write(
      `${name.padEnd(20)} ${bytes.toLocaleString('en-US').padStart(10)} bytes of ${maxBytes.toLocaleString('en-US')}\n`,
    );
  }
};

if (import.meta.main) {
  main().catch((error: unknown) => {
    process.stderr.write(`build failed: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  });
}
