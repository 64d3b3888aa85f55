import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { budgetRuns } from '../../../test/support/budget.ts';
import { createCrc64 } from './crc64-nvme.ts';

const crcOf = (...chunks: readonly Uint8Array[]): string => {
  const crc = createCrc64();
  for (const chunk of chunks) crc.update(chunk);
  return crc.digest().toString('hex');
};
const block = (at: (i: number) => number): Buffer => Buffer.from(Array.from({ length: 4_096 }, (_, i) => at(i) & 255));

describe('CRC-64/NVME', () => {
  // NVM Express NVM command set specification 1.0, figure "64b CRC test cases for 4 KiB logical block with no metadata".
  test.each([
    ['zeros', block(() => 0), '6482d367eb22b64e'],
    ['ones', block(() => 255), 'c0ddba7302eca3ac'],
    ['counting up', block((i) => i), '3e729f5f6750449c'],
    ['counting down', block((i) => 255 - i), '9a2df64b8e9e517e'],
    ['nothing', Buffer.alloc(0), '0000000000000000'],
  ])('of %s is what the specification says', (_, bytes, expected) => {
    expect(crcOf(bytes)).toBe(expected);
  });

  test('is the same however the bytes are cut and wherever they lie', () => {
    const bytes = randomBytes(200);
    const cuts = fc.record({ offset: fc.nat(7), cuts: fc.array(fc.nat(200), { maxLength: 6 }) });
    fc.assert(
      fc.property(cuts, ({ offset, cuts: places }) => {
        const moved = Buffer.concat([Buffer.alloc(offset), bytes]).subarray(offset);
        const edges = [0, ...places.toSorted((a, b) => a - b), moved.length];
        const chunks = edges.slice(1).map((edge, i) => moved.subarray(edges[i], edge));
        expect(crcOf(...chunks)).toBe(crcOf(bytes));
      }),
      { numRuns: budgetRuns(500) },
    );
  });
});
