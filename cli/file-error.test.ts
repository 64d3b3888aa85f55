import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FileError, inReadWords, inWriteWords, reasonInWords } from './file-error.ts';

/** As Node makes it; `errno` is that of Linux and macOS. */
const fault = (code: string, errno: number, syscall: string, path?: string): Error =>
  Object.assign(new Error(`${code}: in Node's words, ${syscall} '${path}'`), {
    code,
    errno,
    syscall,
    ...(path === undefined ? {} : { path }),
  });
const thrown = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (error) {
    return error;
  }
};
const messageOf = (error: unknown) => (error instanceof FileError ? error.message : error);

describe('what the file system says', () => {
  it.each([
    [fault('ENOENT', -2, 'stat', 'a.bin'), 'there is no file a.bin: check its name and the folder you call this from'],
    [
      fault('EACCES', -13, 'scandir', 'photos'),
      'photos cannot be read: permission denied; allow yourself to read it (chmod), or leave it out',
    ],
    [
      fault('EPERM', -1, 'open', 'a.bin'),
      'a.bin cannot be read: operation not permitted; allow yourself to read it (chmod), or leave it out',
    ],
    [fault('EISDIR', -21, 'read', 'a.bin'), 'a.bin cannot be read: illegal operation on a directory'],
  ])('of reading, %s, is told in words', (error, words) => {
    expect(messageOf(inReadWords(error))).toBe(words);
  });

  it.each([
    [
      fault('ENOENT', -2, 'scandir', 'no/where'),
      'there is no folder no/where: make it, or choose another place with -o FILE',
    ],
    [
      fault('EACCES', -13, 'open', 'no/where/.x.part'),
      'no/where/x cannot be written: permission denied; choose another place with -o FILE',
    ],
    [
      fault('ENOSPC', -28, 'write'),
      'no/where/x cannot be written: no space left on device; choose another place with -o FILE',
    ],
  ])('of writing, %s, is told in words', (error, words) => {
    expect(messageOf(inWriteWords(error, 'no/where/x'))).toBe(words);
  });

  it('is told of the faults that Node itself makes', () => {
    expect(messageOf(inReadWords(thrown(() => readFileSync('/no/such/file'))))).toMatch(
      /^there is no file \/no\/such\/file:/,
    );
    expect(messageOf(inReadWords(thrown(() => readFileSync('/dev/null/x'))))).toBe(
      '/dev/null/x cannot be read: not a directory',
    );
    expect(reasonInWords(thrown(() => writeFileSync('/dev/null/x', '')))).toBe('/dev/null/x: not a directory');
  });

  it.each([
    fault('ECONNRESET', -104, 'read'),
    fault('EACCES', -13, 'connect', '/run/socket'),
    new Error('any'),
    'a string',
  ])('leaves %s as it is, which no file system says', (error) => {
    expect(inReadWords(error)).toBe(error);
    expect(inWriteWords(error, 'x')).toBe(error);
  });
});
