import { createHmac, createSecretKey } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Verified } from '../../sigv4/verify.ts';
import { testCredential } from '../testing/platform.ts';
import { decodeAwsChunked, type Trailers } from './aws-chunked.ts';

function verified(payloadHash: string, seed: Partial<Verified['seed']> = {}): Verified {
  return {
    ok: true,
    credential: testCredential('A'),
    signedHeaders: new Set(),
    payloadHash,
    via: 'header',
    seed: { key: createSecretKey(Buffer.from('k')), signature: '0'.repeat(64), amzDate: '', scope: '', ...seed },
  };
}

async function* pieces(body: Buffer, sizes: readonly number[]): AsyncGenerator<Buffer> {
  let at = 0;
  for (let i = 0; at < body.length; i++) {
    const size = sizes[i % sizes.length] ?? 1;
    yield body.subarray(at, at + size);
    at += size;
  }
}

async function decode(body: Buffer, call: Verified, sizes: readonly number[] = [body.length || 1]) {
  const trailers: Trailers = { values: new Map() };
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of decodeAwsChunked(pieces(body, sizes), call, trailers)) chunks.push(Buffer.from(chunk));
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error);
  }
  return { body: Buffer.concat(chunks).toString('latin1'), trailers: Object.fromEntries(trailers.values) };
}

const UNSIGNED = verified('STREAMING-UNSIGNED-PAYLOAD-TRAILER');

describe('an unsigned body with a trailer', () => {
  const body = Buffer.from('4\r\nWiki\r\n6\r\npedia \r\n0\r\nx-amz-checksum-crc32:y/Q5Jg==\r\n\r\n');

  test('is the same however it is cut into packets', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), async (sizes) => {
        expect(await decode(body, UNSIGNED, sizes)).toEqual({
          body: 'Wikipedia ',
          trailers: { 'x-amz-checksum-crc32': 'y/Q5Jg==' },
        });
      }),
    );
  });

  test.each([
    ['cut anywhere', '4\r\nWiki\r\n6\r\nped'],
    ['cut before the last line', '4\r\nWiki\r\n0\r\nx-amz-checksum-crc32:y/Q5Jg==\r\n'],
    ['with a length that is none', 'x\r\nWiki\r\n0\r\n\r\n'],
    ['with a chunk longer than said', '3\r\nWiki\r\n0\r\n\r\n'],
    ['with something after its end', '4\r\nWiki\r\n0\r\n\r\nmore'],
    ['with a trailer that is none', '4\r\nWiki\r\n0\r\nnonsense\r\n\r\n'],
  ])('is IncompleteBody when %s', async (_, text) => {
    expect(await decode(Buffer.from(text), UNSIGNED)).toBe('IncompleteBody');
  });
});

/** AWS's own example: 66,560 bytes of "a" in chunks of 65,536. Amazon S3 API reference, "Transferring payload in multiple chunks". */
describe('a body of signed chunks', () => {
  let key = Buffer.from('AWS4wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY');
  for (const piece of ['20130524', 'us-east-1', 's3', 'aws4_request'])
    key = createHmac('sha256', key).update(piece).digest();
  const call = verified('STREAMING-AWS4-HMAC-SHA256-PAYLOAD', {
    key: createSecretKey(key),
    signature: '4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9',
    amzDate: '20130524T000000Z',
    scope: '20130524/us-east-1/s3/aws4_request',
  });
  const signatures = [
    'ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648',
    '0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497',
    'b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9',
  ];
  const framed = (data: string, [first, second, last] = signatures): Buffer =>
    Buffer.from(
      `10000;chunk-signature=${first}\r\n${data.slice(0, 65_536)}\r\n400;chunk-signature=${second}\r\n${data.slice(65_536)}\r\n0;chunk-signature=${last}\r\n\r\n`,
    );

  test('is accepted', async () => {
    expect(await decode(framed('a'.repeat(66_560)), call, [1_000])).toEqual({ body: 'a'.repeat(66_560), trailers: {} });
  });

  test('is refused with one byte changed in the second chunk', async () => {
    expect(await decode(framed(`${'a'.repeat(66_559)}b`), call)).toBe('SignatureDoesNotMatch');
  });

  test.each([0, 1, 2])('is refused with signature %i changed', async (index) => {
    const lied = signatures.map((signature, i) => (i === index ? '0'.repeat(64) : signature));
    expect(await decode(framed('a'.repeat(66_560), lied), call)).toBe('SignatureDoesNotMatch');
  });

  test('is refused without chunk signatures', async () => {
    expect(await decode(Buffer.from('1\r\na\r\n0\r\n\r\n'), call)).toBe('SignatureDoesNotMatch');
  });
});
