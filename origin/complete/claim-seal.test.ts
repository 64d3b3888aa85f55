import { describe, expect, it } from 'vitest';
import type { FinalizeBody } from '../../core/contract/schemas.ts';
import type { HeldPart } from '../objects/part-store.ts';
import { holdsSeal, sealClaims } from './claim-seal.ts';

type Claims = NonNullable<FinalizeBody['parts']>;

const HELD: readonly HeldPart[] = [1, 2, 3].map((number) => ({
  number,
  size: number * 10,
  etag: `"${String(number).repeat(32)}"`,
  sha256: Buffer.alloc(32, number).toString('base64'),
  crc64nvme: null,
}));
const hex = (number: number): string => Buffer.alloc(32, number).toString('hex');

const holds = (parts: Claims, held = HELD): boolean => {
  const seal = sealClaims({ parts });
  if (seal === null) throw new Error('nothing was sealed');
  return holdsSeal(seal, held);
};

describe('sealed claims of parts', () => {
  it.each<[string, Claims]>([
    ['of everything', [1, 2, 3].map((n) => ({ number: n, size: n * 10, etag: String(n).repeat(32), sha256: hex(n) }))],
    [
      'of some parts, in any order',
      [
        { number: 3, etag: `"${'3'.repeat(32)}"` },
        { number: 1, size: 10 },
      ],
    ],
    [
      'of one part in two pieces',
      [
        { number: 2, size: 20 },
        { number: 2, sha256: hex(2) },
      ],
    ],
    [
      'that say the same twice',
      [
        { number: 2, size: 20 },
        { number: 2, size: 20 },
      ],
    ],
  ])('%s hold for parts that are so', (_, parts) => {
    expect(holds(parts)).toBe(true);
  });

  it.each<[string, Claims]>([
    ['of another size', [{ number: 2, size: 21 }]],
    ['of another ETag', [{ number: 2, etag: '3'.repeat(32) }]],
    ['of another SHA-256', [{ number: 2, sha256: hex(3) }]],
    ['of a part that is not there', [{ number: 4, size: 40 }]],
    [
      'that contradict each other',
      [
        { number: 2, size: 20 },
        { number: 2, size: 21 },
      ],
    ],
  ])('%s do not', (_, parts) => {
    expect(holds(parts)).toBe(false);
  });

  it('see two parts change places', () => {
    const parts = [1, 2].map((number) => ({ number, etag: String(number).repeat(32) }));
    const swapped = HELD.map((part) => ({ ...part, etag: HELD[[1, 0, 2][part.number - 1] ?? 0]?.etag ?? '' }));
    expect(holds(parts)).toBe(true);
    expect(holds(parts, swapped)).toBe(false);
  });

  it('of ten thousand parts fit a queue message many times over', () => {
    const parts = Array.from({ length: 10_000 }, (_, index) => ({ number: index + 1, sha256: hex(index % 256) }));
    expect(JSON.stringify(sealClaims({ parts })).length).toBeLessThan(6_000);
  });

  it('are none where nothing is claimed', () => {
    expect(sealClaims({})).toBeNull();
    expect(sealClaims({ parts: [{ number: 2 }] })).toBeNull();
  });
});
