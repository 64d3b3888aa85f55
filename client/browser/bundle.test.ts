import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';

const HERE = dirname(fileURLToPath(import.meta.url));

/** Bundles as a page would, without a word of Node. */
const bundle = async (entry: string) => {
  const result = await build({
    entryPoints: [join(HERE, entry)],
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    platform: 'browser',
    format: 'esm',
    target: 'es2022',
    logLevel: 'silent',
  });
  const imports = Object.values(result.metafile.outputs).flatMap(({ imports: all }) => all.map(({ path }) => path));
  return { text: result.outputFiles.map(({ text }) => text).join('\n'), imports };
};

describe('the SDK for browsers', () => {
  it('is one file that imports nothing', async () => {
    const { text, imports } = await bundle('client.ts');
    expect(imports).toEqual([]);
    expect(text).not.toMatch(/\bnode:|\brequire\(|\bprocess\.|\bBuffer\b/);
  });

  it('stays small enough for a page', async () => {
    const { text } = await bundle('client.ts');
    expect(text.length).toBeLessThan(60_000);
  });

  it('would be refused if it reached Node', async () => {
    await expect(bundle('../node/client.ts')).rejects.toThrow('node:');
  });
});
