import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { BUDGETS } from '../tools/budgets.ts';
import { build } from '../tools/build.ts';
import { findBundles, REPOSITORY } from '../tools/bundles.ts';
import { bundleFacts, checkBundle, packageOf } from '../tools/check-bundle.ts';

const DIST = join(REPOSITORY, 'dist');
const BUNDLES = findBundles();

const metafileOf = (name: string): Metafile =>
  JSON.parse(readFileSync(join(DIST, 'meta', `${name.replace('/', '-')}.json`), 'utf8'));

describe('the bundles that ship', () => {
  beforeAll(async () => {
    await build();
  });

  it('include the gate and the API', () => {
    expect(BUNDLES.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['edge/gate', 'origin/api', 'origin/recorder']),
    );
  });

  it.each(BUNDLES)('$name keeps its budget', ({ name, file }) => {
    const facts = bundleFacts(metafileOf(name));
    expect(checkBundle(name, facts, BUDGETS[name])).toEqual([]);
    expect(readFileSync(join(DIST, file)).length).toBe(facts.bytes);
    expect(existsSync(join(DIST, `${file}.map`))).toBe(true);
  });

  it('keep the gate below 100,000 bytes without any AWS SDK', () => {
    const source = readFileSync(join(DIST, 'edge/gate.mjs'), 'utf8');
    expect(Buffer.byteLength(source)).toBeLessThanOrEqual(100_000);
    expect(source).not.toMatch(/@aws-sdk|@smithy/);
    const inputs = Object.keys(metafileOf('edge/gate').inputs);
    expect(inputs.filter((input) => /@aws-sdk|@smithy/.test(input))).toEqual([]);
  });

  it('never mix edge and origin', () => {
    for (const { name, room } of BUNDLES) {
      const other = room === 'edge' ? 'origin/' : 'edge/';
      const inputs = Object.keys(metafileOf(name).inputs);
      expect(
        inputs.filter((input) => input.startsWith(other)),
        name,
      ).toEqual([]);
    }
  });
});

describe('the build', () => {
  let root: string;

  const write = (path: string, content: string): void => {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), content);
    // Not "while the build ran": a build that a change overlaps is not taken as fresh.
    utimesSync(join(root, path), 1, 1);
  };

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'nearput-build-'));
    write('package.json', '{"name":"small","version":"9.8.7","type":"module"}');
    write('edge/gate.lambda.ts', 'declare const __VERSION__: string;\nexport const handler = () => __VERSION__;\n');
  });

  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it('writes an ES module that exports the handler and knows the version', async () => {
    const { built } = await build({ root });
    expect(built.map(({ name }) => name)).toEqual(['edge/gate']);
    const module: { handler: () => string } = await import(join(root, 'dist/edge/gate.mjs'));
    expect(module.handler()).toBe('9.8.7');
  });

  it('does nothing when nothing changed, and builds again when a source changed', async () => {
    await build({ root });
    expect(await build({ root })).toEqual({ fresh: true, built: [] });
    write('edge/gate.lambda.ts', 'export const handler = () => 2;\n');
    expect((await build({ root })).fresh).toBe(false);
  });

  it('builds again when an output is gone', async () => {
    await build({ root });
    rmSync(join(root, 'dist/edge/gate.mjs'));
    expect((await build({ root })).fresh).toBe(false);
    expect(existsSync(join(root, 'dist/edge/gate.mjs'))).toBe(true);
  });

  it('does not trust a build during which a source was written', async () => {
    utimesSync(join(root, 'edge/gate.lambda.ts'), Date.now() / 1_000 + 60, Date.now() / 1_000 + 60);
    await build({ root });
    expect((await build({ root })).fresh).toBe(false);
  });

  it('fails over the budget with the biggest inputs', async () => {
    write('edge/heavy.ts', `export const heavy = '${'x'.repeat(100_000)}';\n`);
    write('edge/gate.lambda.ts', "import { heavy } from './heavy.ts';\nexport const handler = () => heavy;\n");
    await expect(build({ root })).rejects.toThrow(
      /^edge\/gate is 100,\d{3} bytes, over its budget of 100,000 bytes; its biggest inputs are edge\/heavy\.ts \(100,\d{3} bytes\)/,
    );
    expect((await build({ root }).catch(() => ({ fresh: undefined }))).fresh).toBeUndefined();
  });

  it('fails when the gate holds the AWS SDK', async () => {
    write('node_modules/@aws-sdk/client-s3/package.json', '{"name":"@aws-sdk/client-s3","main":"index.js"}');
    write('node_modules/@aws-sdk/client-s3/index.js', 'export const S3Client = () => 1;\n');
    write(
      'edge/gate.lambda.ts',
      "import { S3Client } from '@aws-sdk/client-s3';\nexport const handler = () => S3Client();\n",
    );
    await expect(build({ root })).rejects.toThrow(
      /^edge\/gate contains @aws-sdk\/client-s3 \(\d+ bytes\), which it must not\.$/,
    );
  });

  it('fails when an entry has no budget', async () => {
    write('origin/unknown.lambda.ts', 'export const handler = () => 1;\n');
    await expect(build({ root })).rejects.toThrow('origin/unknown has no budget: add one to tools/budgets.ts.');
  });

  it('fails when an entry exports no handler', async () => {
    write('edge/gate.lambda.ts', 'export const other = () => 1;\n');
    await expect(build({ root })).rejects.toThrow('edge/gate does not export handler.');
  });

  it('carries large JSON compressed and gives it back as it was', async () => {
    const large = { paths: Array.from({ length: 5_000 }, (_, number) => `/v1/things/${number}`) };
    write('docs/large.json', JSON.stringify(large));
    write(
      'edge/gate.lambda.ts',
      "import large from '../docs/large.json' with { type: 'json' };\nexport const handler = () => large;\n",
    );
    const { built } = await build({ root });
    expect(built[0]?.bytes).toBeLessThan(JSON.stringify(large).length / 3);
    const module: { handler: () => unknown } = await import(join(root, 'dist/edge/gate.mjs'));
    expect(module.handler()).toEqual(large);
  });

  it('lets an origin bundle use a CommonJS package', async () => {
    write('node_modules/old/package.json', '{"name":"old","main":"index.js"}');
    write('node_modules/old/index.js', "exports.separator = require('path').posix.sep;\n");
    write('origin/api.lambda.ts', "import old from 'old';\nexport const handler = () => old.separator;\n");
    await build({ root });
    const module: { handler: () => string } = await import(join(root, 'dist/origin/api.mjs'));
    expect(module.handler()).toBe('/');
  });
});

describe('packageOf', () => {
  it.each([
    ['node_modules/jose/dist/index.js', 'jose'],
    ['node_modules/@smithy/core/dist-es/index.js', '@smithy/core'],
    ['node_modules/a/node_modules/@b/c/index.js', '@b/c'],
    ['edge/gate.ts', 'edge/gate.ts'],
  ])('of %s is %s', (input, expected) => {
    expect(packageOf(input)).toBe(expected);
  });
});
