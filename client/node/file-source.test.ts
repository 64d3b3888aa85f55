import { appendFileSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ContentError } from '../errors.ts';
import { fileSource } from './file-source.ts';

const MIB = 1_048_576;
const BYTES = Buffer.from(Array.from({ length: 2 * MIB }, (_, index) => (index * 7 + (index >> 10)) % 256));

let folder = '';
let path = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nearput-source-'));
  path = join(folder, 'photo.png');
  writeFileSync(path, BYTES);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const read = async (chunks: AsyncIterable<Uint8Array>): Promise<Buffer> => {
  const copies: Buffer[] = [];
  for await (const chunk of chunks) copies.push(Buffer.from(chunk));
  return Buffer.concat(copies);
};

describe('a file as a source', () => {
  it('has the name, size and type that the path suggests', async () => {
    expect(await fileSource(path)).toMatchObject({ name: 'photo.png', size: 2 * MIB, type: 'image/png' });
    expect(await fileSource(path, { name: 'x', type: 'a/b' })).toMatchObject({ name: 'x', type: 'a/b' });
  });

  it.each([
    [undefined, undefined],
    [0, 0],
    [0, 1],
    [5, 5],
    [1, 2 * MIB],
    [524_288, 1_048_576],
    [524_287, 1_048_577],
    [2 * MIB - 1, 2 * MIB],
  ])('gives the bytes from %s to %s', async (start, end) => {
    const source = await fileSource(path);
    expect((await read(source.open(start, end))).equals(BYTES.subarray(start, end))).toBe(true);
  });

  it('gives the right bytes to four readers at once', async () => {
    const source = await fileSource(path);
    const quarters = [0, 1, 2, 3].map((index) => read(source.open((index * MIB) / 2, ((index + 1) * MIB) / 2)));
    expect(Buffer.concat(await Promise.all(quarters)).equals(BYTES)).toBe(true);
  });

  it.each<[string, () => void]>([
    ['grew', () => appendFileSync(path, 'x')],
    ['shrank', () => writeFileSync(path, BYTES.subarray(1))],
    ['was written anew', () => utimesSync(path, 1, 1)],
  ])('refuses a file that %s since it was named', async (_, change) => {
    const source = await fileSource(path);
    change();
    await expect(read(source.open())).rejects.toBeInstanceOf(ContentError);
  });

  it('refuses a folder', async () => {
    await expect(fileSource(folder)).rejects.toThrow('not a regular file');
  });

  it.each<[string, () => void]>([
    ['another time of change', () => utimesSync(path, 1, 1)],
    ['another first byte', () => rewrite(0)],
    ['another last byte', () => rewrite(2 * MIB - 1)],
    ['another size', () => writeSame(BYTES.subarray(1))],
  ])('has another fingerprint with %s', async (_, change) => {
    utimesSync(path, 2, 2);
    const before = await (await fileSource(path)).fingerprint?.();
    expect(await (await fileSource(path)).fingerprint?.()).toBe(before);
    change();
    expect(await (await fileSource(path)).fingerprint?.()).not.toBe(before);
  });
});

/** Writes other bytes without another time of change. */
const writeSame = (bytes: Buffer): void => {
  writeFileSync(path, bytes);
  utimesSync(path, 2, 2);
};
const rewrite = (position: number): void => {
  const bytes = Buffer.from(BYTES);
  bytes[position] = (bytes[position] ?? 0) ^ 1;
  writeSame(bytes);
};
