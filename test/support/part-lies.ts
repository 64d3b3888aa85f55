import type { PartGrant } from '../../core/contract/records.ts';
import { type WireRequest, withBody, withHeader, withoutHeader, withUrl } from './wire.ts';

/** What a client sends for a part. */
export const partRequest = ({ url, headers }: PartGrant, body: Buffer): WireRequest => ({
  method: 'PUT',
  url,
  headers: { ...headers, host: new URL(url).host, 'content-length': String(body.length) },
  body,
});

type Lie = (request: WireRequest, otherUpload: string) => WireRequest;
const SIGNATURE = 'SignatureDoesNotMatch';

/** One thing changed in a granted part 1 that declares its SHA-256, and S3's error code for it; every server has to refuse each. */
export const PART_LIES: readonly (readonly [lie: string, code: string, tell: Lie])[] = [
  ['another number', SIGNATURE, (request) => withUrl(request, /partNumber=1/, 'partNumber=2')],
  ['a number beyond the plan', SIGNATURE, (request) => withUrl(request, /partNumber=1/, 'partNumber=10000')],
  ["another upload's id", SIGNATURE, (request, other) => withUrl(request, /uploadId=[^&]+/, `uploadId=${other}`)],
  ['no upload id', SIGNATURE, (request) => withUrl(request, /&uploadId=[^&]+/, '')],
  ['another key', SIGNATURE, (request) => withUrl(request, /.\?/, '7?')],
  ['one byte more', SIGNATURE, (request) => withBody(request, Buffer.concat([request.body, Buffer.from('!')]))],
  ['one byte fewer', SIGNATURE, (request) => withBody(request, request.body.subarray(1))],
  [
    'other bytes of the same length',
    'BadDigest',
    (request) => ({ ...request, body: Buffer.alloc(request.body.length, 'x') }),
  ],
  [
    'another checksum',
    SIGNATURE,
    (request) => withHeader(request, 'x-amz-checksum-sha256', Buffer.alloc(32).toString('base64')),
  ],
  ['no checksum', SIGNATURE, (request) => withoutHeader(request, 'x-amz-checksum-sha256')],
  ['a header that was not granted', 'AccessDenied', (request) => withHeader(request, 'x-amz-acl', 'public-read')],
  ['a longer life', SIGNATURE, (request) => withUrl(request, /X-Amz-Expires=900/, 'X-Amz-Expires=901')],
  ['another method', SIGNATURE, (request) => ({ ...request, method: 'DELETE' })],
  ['another signature', SIGNATURE, (request) => withUrl(request, /Signature=[0-9a-f]{8}/, 'Signature=00000000')],
];
