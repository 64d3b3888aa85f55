import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { Verified } from '../../sigv4/verify.ts';
import { fault, S3Error } from '../errors.ts';

/** What a decoder leaves behind when the body has ended. */
export interface Trailers {
  /** Trailing headers by lower-case name. */
  readonly values: Map<string, string>;
}

/** Checks the signature of each chunk in order, and of the trailers. */
interface ChunkJudge {
  update(data: Buffer): void;
  endChunk(signature: string | undefined): void;
  endTrailers(text: string, signature: string | undefined): void;
}

const LINE_MAX = 1_024;
const TRAILERS_MAX = 16;

/**
 * Takes the framing off an `aws-chunked` body: yields the data, fills `trailers`, and refuses broken framing
 * (IncompleteBody) and, where chunks are signed, a signature that does not fit (SignatureDoesNotMatch). Data of a chunk is
 * yielded before its signature is known; what was received counts only when this generator has ended.
 * Source: Amazon S3 API reference, "Signature calculations: transferring payload in multiple chunks" and "… with trailing headers".
 */
export async function* decodeAwsChunked(
  source: AsyncIterable<Buffer>,
  verified: Verified,
  trailers: Trailers,
): AsyncGenerator<Buffer> {
  const judge = verified.payloadHash.startsWith('STREAMING-AWS4') ? signedChunks(verified) : unsignedChunks();
  const hasTrailers = verified.payloadHash.endsWith('-TRAILER');
  const reader = createReader(source);
  for (;;) {
    const [, hex = '', signature] =
      /^([0-9A-Fa-f]{1,16})(?:;chunk-signature=([0-9a-f]{64}))?$/.exec(await reader.line()) ?? [];
    if (hex === '') throw fault('IncompleteBody');
    let left = Number.parseInt(hex, 16);
    if (left === 0) {
      judge.endChunk(signature);
      break;
    }
    while (left > 0) {
      const data = await reader.take(left);
      left -= data.length;
      judge.update(data);
      yield data;
    }
    judge.endChunk(signature);
    if ((await reader.line()) !== '') throw fault('IncompleteBody');
  }
  await readTrailers(reader, hasTrailers, trailers, judge);
  await reader.end();
}

async function readTrailers(reader: Reader, expected: boolean, trailers: Trailers, judge: ChunkJudge): Promise<void> {
  let text = '';
  let signature: string | undefined;
  for (let count = 0; count <= TRAILERS_MAX; count++) {
    const line = await reader.line();
    if (line === '') {
      if (text !== '' && !expected) throw fault('IncompleteBody');
      if (expected) judge.endTrailers(text, signature);
      return;
    }
    const colon = line.indexOf(':');
    if (colon < 1) throw fault('IncompleteBody');
    const name = line.slice(0, colon).toLowerCase().trim();
    const value = line.slice(colon + 1).trim();
    if (name === 'x-amz-trailer-signature') signature = value;
    else {
      text += `${name}:${value}\n`;
      trailers.values.set(name, value);
    }
  }
  throw fault('IncompleteBody');
}

function unsignedChunks(): ChunkJudge {
  return { update() {}, endChunk() {}, endTrailers() {} };
}

const EMPTY_SHA256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

function signedChunks({ seed }: Verified): ChunkJudge {
  let previous = seed.signature;
  let hash = createHash('sha256');
  const check = (kind: string, tail: string, signature: string | undefined): void => {
    const text = `${kind}\n${seed.amzDate}\n${seed.scope}\n${previous}\n${tail}`;
    const expected = createHmac('sha256', seed.key).update(text).digest();
    if (!/^[0-9a-f]{64}$/.test(signature ?? '') || !timingSafeEqual(Buffer.from(signature ?? '', 'hex'), expected)) {
      throw new S3Error(
        'SignatureDoesNotMatch',
        403,
        'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
      );
    }
    previous = expected.toString('hex');
  };
  return {
    update: (data) => void hash.update(data),
    endChunk(signature) {
      check('AWS4-HMAC-SHA256-PAYLOAD', `${EMPTY_SHA256}\n${hash.digest('hex')}`, signature);
      hash = createHash('sha256');
    },
    endTrailers(text, signature) {
      check('AWS4-HMAC-SHA256-TRAILER', createHash('sha256').update(text).digest('hex'), signature);
    },
  };
}

interface Reader {
  /** The next line without CRLF. */
  line(): Promise<string>;
  /** At least one byte and at most `limit`. */
  take(limit: number): Promise<Buffer>;
  /** Nothing may follow. */
  end(): Promise<void>;
}

function createReader(source: AsyncIterable<Buffer>): Reader {
  const iterator = source[Symbol.asyncIterator]();
  let buffer: Buffer = Buffer.alloc(0);

  async function fill(): Promise<boolean> {
    const { value, done } = await iterator.next();
    if (done) return false;
    buffer = buffer.length === 0 ? value : Buffer.concat([buffer, value]);
    return true;
  }

  return {
    async line() {
      for (;;) {
        const end = buffer.indexOf('\r\n');
        if (end >= 0) {
          const text = buffer.toString('latin1', 0, end);
          buffer = buffer.subarray(end + 2);
          return text;
        }
        if (buffer.length > LINE_MAX || !(await fill())) throw fault('IncompleteBody');
      }
    },
    async take(limit) {
      if (buffer.length === 0 && !(await fill())) throw fault('IncompleteBody');
      const data = buffer.subarray(0, Math.min(limit, buffer.length));
      buffer = buffer.subarray(data.length);
      return data;
    },
    async end() {
      if (buffer.length > 0 || (await fill())) throw fault('IncompleteBody');
    },
  };
}
