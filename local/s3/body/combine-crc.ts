/** A cyclic redundancy check whose value for a whole follows from those of its pieces. */
export type CombinableCrc = 'crc32' | 'crc32c' | 'crc64nvme';

/** Width in bits and polynomial in reflected form; all three start with ones and end inverted. */
const CRCS: Readonly<Record<CombinableCrc, { readonly width: bigint; readonly polynomial: bigint }>> = {
  crc32: { width: 32n, polynomial: 0xedb8_8320n },
  crc32c: { width: 32n, polynomial: 0x82f6_3b78n },
  crc64nvme: { width: 64n, polynomial: 0x9a6c_9329_ac4b_c9b5n },
};

/** One piece: its CRC, big-endian, and its length in bytes. */
export interface CrcPiece {
  readonly value: Buffer;
  readonly size: number;
}

/**
 * The CRC of all pieces one after the other, from their CRCs and lengths alone: appending n bytes multiplies what came
 * before by x^8n. Source: zlib's crc32_combine, "A painless guide to CRC error detection algorithms".
 */
export function combineCrc(algorithm: CombinableCrc, pieces: readonly CrcPiece[]): Buffer {
  const { width } = CRCS[algorithm];
  const shifts = new Map<number, bigint>();
  let whole = 0n;
  for (const { value, size } of pieces) {
    let shift = shifts.get(size);
    if (shift === undefined) {
      shift = powerOfX(algorithm, BigInt(size) * 8n);
      shifts.set(size, shift);
    }
    whole = multiply(algorithm, shift, whole) ^ BigInt(`0x${value.toString('hex')}`);
  }
  return Buffer.from(whole.toString(16).padStart(Number(width) / 4, '0'), 'hex');
}

/** x to the power of `exponent`, modulo the polynomial. */
function powerOfX(algorithm: CombinableCrc, exponent: bigint): bigint {
  const { width } = CRCS[algorithm];
  let result = 1n << (width - 1n);
  let square = 1n << (width - 2n);
  for (let left = exponent; left > 0n; left >>= 1n) {
    if (left & 1n) result = multiply(algorithm, square, result);
    square = multiply(algorithm, square, square);
  }
  return result;
}

/** Product of two polynomials over GF(2), modulo the polynomial; the highest bit is x^0. */
function multiply(algorithm: CombinableCrc, a: bigint, b: bigint): bigint {
  const { width, polynomial } = CRCS[algorithm];
  let product = 0n;
  let factor = b;
  for (let bit = 1n << (width - 1n); bit > 0n; bit >>= 1n) {
    if (a & bit) product ^= factor;
    factor = factor & 1n ? (factor >> 1n) ^ polynomial : factor >> 1n;
  }
  return product;
}
