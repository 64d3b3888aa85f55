import { expect, test } from 'vitest';
import type { Entry, Part } from './records.ts';
import { createSmallFiles, SMALL_MAX_BYTES } from './small-files.ts';

const part = (file: string): Entry => {
  const checksum = { algorithm: 'crc64nvme', value: '' } as const;
  const facts: Part = { number: 1, size: 3, etag: 'e', file, lastModified: 0, checksum };
  return { op: 'part', bucket: 'b', uploadId: 'u', part: facts };
};

test('small files are read as they were added, also without a byte, until they are removed', () => {
  const small = createSmallFiles();
  const [full, empty] = [small.add(Buffer.from('one')) ?? '', small.add(Buffer.alloc(0)) ?? ''];
  expect(small.read(full)?.toString()).toBe('one');
  expect(small.read(empty)).toEqual(Buffer.alloc(0));
  expect(small.remove(full)).toBe(true);
  expect(small.remove(full)).toBe(false);
  expect(small.read(full)).toBeUndefined();
});

test('a small file has 16 KiB at most', () => {
  const small = createSmallFiles();
  expect(SMALL_MAX_BYTES).toBe(16_384);
  expect(small.add(Buffer.alloc(16_384))).not.toBeNull();
  expect(small.add(Buffer.alloc(16_385))).toBeNull();
});

test('small files take no more room than there is, and give it back once', () => {
  const small = createSmallFiles(8);
  const first = small.add(Buffer.from('one')) ?? '';
  small.restore(first, 'b25l'); // the same once more, as a log may say it
  expect(small.add(Buffer.from('two'))).not.toBeNull();
  expect(small.add(Buffer.from('3'))).toBeNull();
  small.remove(first);
  small.remove(first);
  expect(small.add(Buffer.from('four'))).toBeNull();
  expect(small.add(Buffer.from('six'))).not.toBeNull();
});

test('a line of the log brings the bytes of the small files it names, and no others', () => {
  const small = createSmallFiles();
  const named = small.add(Buffer.from('one')) ?? '';
  small.add(Buffer.from('two'));
  expect(small.lineOf([part('in the folder'), part(named)])).toEqual([
    { op: 'bytes', file: named, base64: 'b25l' },
    part('in the folder'),
    part(named),
  ]);
  expect(small.lineOf([{ op: 'sequence', value: '1' }])).toEqual([{ op: 'sequence', value: '1' }]);
});
