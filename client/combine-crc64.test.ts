import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { budgetRuns } from '../test/support/budget.ts';
import { crc64Of } from './checksum.ts';
import { combineCrc64 } from './combine-crc64.ts';

const once = async function* (bytes: Uint8Array) {
  yield bytes;
};
const crcOf = (bytes: Uint8Array): Promise<string> => crc64Of(once(bytes));
/** Check value of the CRC catalogue for `123456789`. */
const DIGITS = Buffer.from('ae8b14860a799888', 'hex').toString('base64');

describe('combineCrc64', () => {
  it('of 12345 and 6789 is the check value of the catalogue', async () => {
    const pieces = await Promise.all(
      ['12345', '6789'].map(async (text) => ({ crc64nvme: await crcOf(Buffer.from(text)), size: text.length })),
    );
    expect(combineCrc64(pieces)).toBe(DIGITS);
  });

  it('of one piece is its own, of none that of no bytes', () => {
    expect(combineCrc64([{ crc64nvme: DIGITS, size: 9 }])).toBe(DIGITS);
    expect(combineCrc64([])).toBe('AAAAAAAAAAA=');
  });

  it('equals the CRC of all bytes, however they are cut', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 12 }), async (pieces) => {
        const crcs = await Promise.all(
          pieces.map(async (piece) => ({ crc64nvme: await crcOf(piece), size: piece.length })),
        );
        expect(combineCrc64(crcs)).toBe(await crcOf(Buffer.concat(pieces)));
      }),
      { numRuns: budgetRuns(100) },
    );
  });

  it('sees two pieces change places', async () => {
    const pieces = await Promise.all(
      ['aaaa', 'bbbb'].map(async (text) => ({ crc64nvme: await crcOf(Buffer.from(text)), size: 4 })),
    );
    expect(combineCrc64(pieces.toReversed())).not.toBe(combineCrc64(pieces));
  });
});
