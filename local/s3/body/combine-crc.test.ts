import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { budgetRuns } from '../../../test/support/budget.ts';
import { createHasher } from './checksum.ts';
import { type CombinableCrc, combineCrc } from './combine-crc.ts';

const value = async (algorithm: CombinableCrc, bytes: Uint8Array): Promise<Buffer> => {
  const hasher = createHasher(algorithm);
  hasher.update(Buffer.from(bytes));
  return hasher.digest();
};
const ALGORITHMS: readonly CombinableCrc[] = ['crc32', 'crc32c', 'crc64nvme'];

describe('CRCs of pieces', () => {
  // "123456789" is the check value of CRC catalogues.
  test.each([
    ['crc32', 'cbf43926'],
    ['crc32c', 'e3069283'],
    ['crc64nvme', 'ae8b14860a799888'],
  ] as const)('%s make up that of the whole', async (algorithm, expected) => {
    const pieces = ['12', '', '3456', '789'].map(async (text) => ({
      value: await value(algorithm, Buffer.from(text)),
      size: text.length,
    }));
    expect(combineCrc(algorithm, await Promise.all(pieces)).toString('hex')).toBe(expected);
  });

  // 5 MiB of "a", then "123456789"; worked out with zlib's crc32 and a bitwise CRC elsewhere.
  test.each([
    ['crc32', 'r/zBbw==', 'y/Q5Jg==', 'tbbDbA=='],
    ['crc32c', 'WpuOeg==', '4waSgw==', '1/pyVA=='],
    ['crc64nvme', 'PbvLEkWUSgg=', 'rosUhgp5mIg=', '51xgK7Vsw64='],
  ] as const)('%s make up that of a big whole', (algorithm, first, last, whole) => {
    const pieces = [
      { value: Buffer.from(first, 'base64'), size: 5_242_880 },
      { value: Buffer.from(last, 'base64'), size: 9 },
    ];
    expect(combineCrc(algorithm, pieces).toString('base64')).toBe(whole);
  });

  test('make up that of any whole, and not in another order', async () => {
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...ALGORITHMS), bytes, bytes, async (algorithm, a, b) => {
        const [first, last] = [
          { value: await value(algorithm, a), size: a.length },
          { value: await value(algorithm, b), size: b.length },
        ];
        const whole = await value(algorithm, Buffer.concat([a, b]));
        expect(combineCrc(algorithm, [first, last])).toEqual(whole);
        const turned = Buffer.concat([b, a]);
        fc.pre(!turned.equals(Buffer.concat([a, b])));
        expect(combineCrc(algorithm, [last, first])).not.toEqual(whole);
      }),
      { numRuns: budgetRuns(200) },
    );
  });
});
