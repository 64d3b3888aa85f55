/** x^64 + … of NVMe in reflected form. Source: NVM Express NVM command set specification, "64b CRC". */
const POLYNOMIAL = 0x9a6c_9329_ac4b_c9b5n;
const SLICES = 8;
/** Words of one slice: 256 values, low half and high half. */
const SLICE = 512;
const TABLE = makeTable();

/** A running CRC-64/NVME. */
export interface Crc64 {
  update(chunk: Uint8Array): void;
  /** The value, big-endian as S3 encodes it. */
  digest(): Buffer;
}

/** CRC-64/NVME, eight bytes a step (table slices of low and high halves): about three times as fast as one byte a step. */
export function createCrc64(): Crc64 {
  let low = -1;
  let high = -1;

  function bytes(chunk: Uint8Array, start: number, end: number): void {
    for (let i = start; i < end; i++) {
      const at = 2 * ((low ^ (chunk[i] ?? 0)) & 255);
      low = ((low >>> 8) | (high << 24)) ^ entry(at);
      high = (high >>> 8) ^ entry(at + 1);
    }
  }

  return {
    update(chunk) {
      const start = Math.min((4 - (chunk.byteOffset & 3)) & 3, chunk.length);
      const words = Math.floor((chunk.length - start) / 8) * 2;
      bytes(chunk, 0, start);
      if (words > 0) {
        [low, high] = steps(new Int32Array(chunk.buffer, chunk.byteOffset + start, words), low, high);
      }
      bytes(chunk, start + words * 4, chunk.length);
    },
    digest() {
      const value = Buffer.alloc(8);
      value.writeInt32BE(~high, 0);
      value.writeInt32BE(~low, 4);
      return value;
    },
  };
}

/** All whole eight-byte steps; `words` are little-endian, as on every machine node runs on. */
function steps(words: Int32Array, startLow: number, startHigh: number): [low: number, high: number] {
  let low = startLow;
  let high = startHigh;
  for (let i = 0; i < words.length; i += 2) {
    const a = low ^ (words[i] ?? 0);
    const b = high ^ (words[i + 1] ?? 0);
    const i0 = 7 * SLICE + ((a << 1) & 510);
    const i1 = 6 * SLICE + ((a >>> 7) & 510);
    const i2 = 5 * SLICE + ((a >>> 15) & 510);
    const i3 = 4 * SLICE + ((a >>> 23) & 510);
    const i4 = 3 * SLICE + ((b << 1) & 510);
    const i5 = 2 * SLICE + ((b >>> 7) & 510);
    const i6 = SLICE + ((b >>> 15) & 510);
    const i7 = (b >>> 23) & 510;
    low = entry(i0) ^ entry(i1) ^ entry(i2) ^ entry(i3) ^ entry(i4) ^ entry(i5) ^ entry(i6) ^ entry(i7);
    high =
      entry(i0 + 1) ^
      entry(i1 + 1) ^
      entry(i2 + 1) ^
      entry(i3 + 1) ^
      entry(i4 + 1) ^
      entry(i5 + 1) ^
      entry(i6 + 1) ^
      entry(i7 + 1);
  }
  return [low, high];
}

function entry(at: number): number {
  return TABLE[at] ?? 0;
}

function makeTable(): Int32Array {
  const table = new Int32Array(SLICES * SLICE);
  for (let i = 0; i < 256; i++) {
    let value = BigInt(i);
    for (let bit = 0; bit < 8; bit++) value = value & 1n ? (value >> 1n) ^ POLYNOMIAL : value >> 1n;
    table[2 * i] = Number(BigInt.asIntN(32, value));
    table[2 * i + 1] = Number(BigInt.asIntN(32, value >> 32n));
  }
  for (let at = SLICE; at < table.length; at += 2) {
    const low = table[at - SLICE] ?? 0;
    const high = table[at - SLICE + 1] ?? 0;
    const next = 2 * (low & 255);
    table[at] = ((low >>> 8) | (high << 24)) ^ (table[next] ?? 0);
    table[at + 1] = (high >>> 8) ^ (table[next + 1] ?? 0);
  }
  return table;
}
