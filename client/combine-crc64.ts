import { base64Of, bytesOfBase64 } from './bytes.ts';

/** CRC-64/NVME, reflected: the bit for x^0 is the highest. Source: NVM Express NVM Command Set, and the CRC catalogue. */
const POLYNOMIAL = 0x9a6c9329ac4bc9b5n;
const ONE = 1n << 63n;
const X_TO_8 = 1n << 55n;

/** Product of two polynomials over GF(2), modulo the CRC's. */
const multiply = (a: bigint, b: bigint): bigint => {
  let product = 0n;
  let shifted = b;
  for (let bit = ONE; bit > 0n; bit >>= 1n) {
    if ((a & bit) !== 0n) product ^= shifted;
    shifted = (shifted & 1n) === 0n ? shifted >> 1n : (shifted >> 1n) ^ POLYNOMIAL;
  }
  return product;
};

/** x^(8·bytes): what that many zero bytes behind a message do to its CRC. */
const shiftBy = (bytes: number): bigint => {
  let result = ONE;
  let square = X_TO_8;
  for (let left = bytes; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) result = multiply(result, square);
    square = multiply(square, square);
  }
  return result;
};

const numberOf = (text: string): bigint => new DataView(bytesOfBase64(text).buffer as ArrayBuffer).getBigUint64(0);

const textOf = (crc: bigint): string => {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, crc);
  return base64Of(new Uint8Array(view.buffer));
};

/** A stretch of bytes: its CRC64NVME as S3 writes it, and its length in bytes. */
export type Crc64Piece = { readonly crc64nvme: string; readonly size: number };

/**
 * CRC64NVME of pieces laid end to end, from the CRCs of the pieces alone, so that parts read in any order give the
 * checksum of the whole. The method is zlib's `crc32_combine`, with 64 bits.
 */
export const combineCrc64 = (pieces: Iterable<Crc64Piece>): string => {
  const shifts = new Map<number, bigint>();
  let whole = 0n;
  for (const { crc64nvme, size } of pieces) {
    const shift = shifts.get(size) ?? shiftBy(size);
    shifts.set(size, shift);
    whole = multiply(shift, whole) ^ numberOf(crc64nvme);
  }
  return textOf(whole);
};
