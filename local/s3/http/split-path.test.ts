import { describe, expect, test } from 'vitest';
import { splitPath } from './split-path.ts';

describe('a path', () => {
  test.each([
    ['/', '', ''],
    ['/bucket', 'bucket', ''],
    ['/bucket/', 'bucket', ''],
    ['/bucket/a/b', 'bucket', 'a/b'],
    ['/bucket//a', 'bucket', '/a'],
    ['/bucket/a%2Fb', 'bucket', 'a/b'],
    ['/bucket/a+b%20c', 'bucket', 'a+b c'],
    ['/bucket/../x', 'bucket', '../x'],
    ['/bucket/%C3%BC', 'bucket', 'ü'],
  ])('%s is bucket %s and key %s', (path, bucket, key) => {
    expect(splitPath(path)).toEqual({ bucket, key });
  });

  test.each(['/bucket/%zz', '/bucket/%ff', 'bucket/a', '/bucket/%'])('%s is InvalidURI', (path) => {
    expect(() => splitPath(path)).toThrow(expect.objectContaining({ code: 'InvalidURI' }));
  });

  test('may name a key of 1,024 bytes and no more', () => {
    expect(splitPath(`/b/${'%C3%BC'.repeat(512)}`).key).toHaveLength(512);
    expect(() => splitPath(`/b/${'%C3%BC'.repeat(512)}x`)).toThrow(
      expect.objectContaining({ code: 'KeyTooLongError' }),
    );
  });
});
