import { describe, expect, it } from 'vitest';
import { GRANT_TEXT_MAX_BYTES } from './limits.ts';
import { Problem } from './problems.ts';
import { CreateBody, checkGrantText, FinalizeBody, parseRequest } from './schemas.ts';

const good = { name: 'photo.png', size: 3, type: 'image/png' };

const problemOf = (run: () => unknown): Problem => {
  try {
    run();
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
};

describe('create body', () => {
  it.each<[string, object]>([
    ['only what is required', good],
    ['no bytes', { ...good, size: 0 }],
    ['a type with a parameter', { ...good, type: 'text/plain; charset=utf-8' }],
    ['a name outside ASCII', { ...good, name: 'Grüße 日本 🎉.png' }],
    ['metadata named like a prototype member', { ...good, metadata: { constructor: 'x' } }],
    ['a part size', { ...good, partSize: 8_388_608 }],
  ])('takes %s', (_, body) => {
    expect(parseRequest(CreateBody, body)).toEqual(body);
  });

  it.each<[string, string, object]>([
    ['a missing name', '/name', { size: 3, type: 'image/png' }],
    ['an empty name', '/name', { ...good, name: '' }],
    ['a lone surrogate', '/name', { ...good, name: 'a\ud800' }],
    ['256 code points', '/name', { ...good, name: 'é'.repeat(256) }],
    ['a negative size', '/size', { ...good, size: -1 }],
    ['half a byte', '/size', { ...good, size: 1.5 }],
    ['a size in words', '/size', { ...good, size: '3' }],
    ['an upper-case type', '/type', { ...good, type: 'Image/PNG' }],
    ['a list of types', '/type', { ...good, type: 'image/png, image/gif' }],
    ['a type with a line break', '/type', { ...good, type: 'image/png\r\nx: y' }],
    ['an upper-case digest', '/sha256', { ...good, sha256: 'A'.repeat(64) }],
    ['an unknown method', '/method', { ...good, method: 'copy' }],
    ['a digest of a multipart upload', '/sha256', { ...good, method: 'multipart', sha256: 'a'.repeat(64) }],
    ['a digest above a single PUT', '/sha256', { ...good, size: 5_368_709_121, sha256: 'a'.repeat(64) }],
    ['a part below 5 MiB', '/partSize', { ...good, partSize: 1_048_576 }],
    ['metadata that is not text', '/metadata', { ...good, metadata: { a: 1 } }],
    ['an unknown member', '/colour', { ...good, colour: 'red' }],
    ['a Region that is no code', '/preferRegion', { ...good, preferRegion: 'eu-west-1' }],
  ])('refuses %s by its path', (_, path, body) => {
    const problem = problemOf(() => parseRequest(CreateBody, body));
    expect(problem.code).toBe('request_invalid');
    expect(problem.errors?.map((fault) => fault.path)).toEqual([path]);
    expect(problem.detail).toContain(path);
  });

  it('reports every fault at once', () => {
    const problem = problemOf(() => parseRequest(CreateBody, { size: -1, type: 'x' }));
    expect(problem.errors?.map(({ path }) => path).sort()).toEqual(['/name', '/size', '/type']);
  });

  it('bounds name, type and metadata together, in bytes of UTF-8', () => {
    const text = (length: number) => ({ name: 'n', type: 'a/b', metadata: { k: 'x'.repeat(length) } });
    const frame = '["n","a/b",{"k":""}]'.length;
    expect(() => checkGrantText(text(GRANT_TEXT_MAX_BYTES - frame))).not.toThrow();
    expect(problemOf(() => checkGrantText(text(GRANT_TEXT_MAX_BYTES - frame + 1))).code).toBe('metadata_too_large');
  });
});

describe('a body that is no object', () => {
  it.each<[string, unknown]>([
    ['null', null],
    ['a text', 'hunter2'],
    ['a number', 7],
    ['a list', []],
  ])('is refused in one sentence that repeats nothing of it: %s', (_, body) => {
    const { code, detail, errors } = problemOf(() => parseRequest(CreateBody, body));
    expect({ code, detail, errors }).toEqual({
      code: 'request_invalid',
      detail: 'Change the request: the body must be an object.',
      errors: [{ path: '', message: 'must be an object' }],
    });
    expect(problemOf(() => parseRequest(FinalizeBody, body)).detail).toBe(detail);
  });

  it('nor is a member that should be one', () => {
    const { detail } = problemOf(() => parseRequest(FinalizeBody, { checksum: 'hunter2' }));
    expect(detail).toBe('Change the request: /checksum must be an object.');
  });
});

describe('finalize body', () => {
  it('takes an empty object', () => {
    expect(parseRequest(FinalizeBody, {})).toEqual({});
  });

  it.each<[string, string, object]>([
    ['a short digest', '/checksum/sha256', { checksum: { sha256: 'ab' } }],
    ['part 0', '/parts/0/number', { parts: [{ number: 0 }] }],
    ['an unknown claim', '/checksum/md5', { checksum: { md5: 'x' } }],
  ])('refuses %s by its path', (_, path, body) => {
    expect(problemOf(() => parseRequest(FinalizeBody, body)).errors?.map((fault) => fault.path)).toEqual([path]);
  });
});
