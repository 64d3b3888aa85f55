import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { budgetRuns } from '../../../test/support/budget.ts';
import { readForm } from './read-form.ts';

const HEADERS = { 'content-type': 'multipart/form-data; boundary=edge' };
const field = (name: string, value: string): string =>
  `--edge\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
const file = (bytes: string, name = 'a.txt'): string =>
  `--edge\r\ncontent-disposition: form-data; name="file"; filename="${name}"\r\n\r\n${bytes}\r\n`;
const END = '--edge--\r\n';

async function* chunksOf(body: string, cuts: readonly number[] = []): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(body, 'utf8');
  const edges = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b), bytes.length];
  for (const [i, edge] of edges.slice(1).entries()) {
    if (edge > (edges[i] ?? 0)) yield bytes.subarray(edges[i], edge);
  }
}

async function read(body: string, cuts?: readonly number[], headers = HEADERS) {
  const form = await readForm(headers, chunksOf(body, cuts));
  const chunks: Buffer[] = [];
  for await (const chunk of form.file) chunks.push(chunk);
  return { fields: Object.fromEntries(form.fields), fileName: form.fileName, file: Buffer.concat(chunks).toString() };
}

const refused = (code: string) => expect.objectContaining({ code, status: 400 });

describe('a form', () => {
  test('is read up to its file, names in lower case, repeated metadata joined', async () => {
    const body = [
      field('Key', 'ä/b'),
      field('x-amz-meta-a', '1'),
      field('X-Amz-Meta-A', '2'),
      field('acl', 'x'),
      field('acl', 'y'),
      file('hello', 'C:\\dir\\a b.txt'),
      field('late', '1'),
      END,
    ].join('');
    expect(await read(body)).toEqual({
      fields: { key: 'ä/b', 'x-amz-meta-a': '1,2', acl: 'y' },
      fileName: 'a b.txt',
      file: 'hello',
    });
  });

  test('is the same however the network cuts it', async () => {
    const bytes = '\r\n--edg\r\n--\r\n-\r\n\r\n--Edge--';
    const body = field('key', 'k') + file(bytes) + END;
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(body.length), { maxLength: 12 }), async (cuts) => {
        expect(await read(body, cuts)).toEqual({ fields: { key: 'k' }, fileName: 'a.txt', file: bytes });
      }),
      { numRuns: budgetRuns(150) },
    );
  });

  test('takes a file that has no name', async () => {
    expect(await read(field('key', 'k') + field('file', 'text') + END)).toMatchObject({ fileName: '', file: 'text' });
  });

  test.each([
    ['no boundary', field('key', 'k') + file('x') + END, { 'content-type': 'multipart/form-data' }],
    ['no end', field('key', 'k') + file('x'), HEADERS],
    ['an end in the middle of the file', `${field('key', 'k')}${file('x').slice(0, -4)}`, HEADERS],
    ['nothing in it', '', HEADERS],
    ['another boundary', (field('key', 'k') + file('x') + END).replaceAll('--edge', '--other'), HEADERS],
  ])('with %s is MalformedPOSTRequest', async (_, body, headers) => {
    await expect(read(body, [], headers)).rejects.toEqual(refused('MalformedPOSTRequest'));
  });

  test('without a file is InvalidArgument', async () => {
    await expect(read(field('key', 'k') + END)).rejects.toEqual(refused('InvalidArgument'));
  });

  test('with 20 KB of fields is taken, with a byte more MaxPostPreDataLengthExceeded', async () => {
    const value = 'x'.repeat(10_238);
    expect((await read(field('a1', value) + field('a2', value) + file('') + END)).fields).toHaveProperty('a2', value);
    const tooMuch = read(field('a1', value) + field('a2', `${value}x`) + file('') + END);
    await expect(tooMuch).rejects.toEqual(refused('MaxPostPreDataLengthExceeded'));
  });

  test('whose sender fails fails with its reason, before the file and in it', async () => {
    async function* failing(body: string): AsyncGenerator<Buffer> {
      yield Buffer.from(body);
      throw new Error('gone');
    }
    await expect(readForm(HEADERS, failing(field('key', 'k')))).rejects.toThrow('gone');
    const form = await readForm(HEADERS, failing(field('key', 'k') + file('half').slice(0, -2)));
    const all = async () => {
      for await (const chunk of form.file) expect(chunk.length).toBeGreaterThan(0);
    };
    await expect(all()).rejects.toThrow('gone');
  });

  test('is not read on when nobody wants the file', async () => {
    let given = 0;
    async function* endless(): AsyncGenerator<Buffer> {
      yield Buffer.from(field('key', 'k') + file('').slice(0, -2));
      for (;;) {
        given += 1;
        yield Buffer.alloc(65_536, 'x');
      }
    }
    const form = await readForm(HEADERS, endless());
    for await (const chunk of form.file) {
      expect(chunk.length).toBeGreaterThan(0);
      break;
    }
    form.stop();
    await new Promise((resolve) => setTimeout(resolve, 20));
    const before = given;
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(given).toBe(before);
    expect(given).toBeLessThan(10);
  });
});
