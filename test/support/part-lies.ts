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
const swapDigit = (digit: string): string => (digit === '8' ? '7' : '8');
const SIGNATURE = 'SignatureDoesNotMatch';

type PartLie = readonly [lie: string, code: string, tell: Lie];

/** One thing changed in a granted part 1 that declares its SHA-256, and S3's error code for it; every server has to refuse each. */
export const PART_LIES: readonly PartLie[] = [
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
  [
    'another time',
    SIGNATURE,
    (request) => ({ ...request, url: request.url.replace(/(?<=X-Amz-Date=\d{8}T\d{5})\d/, swapDigit) }),
  ],
  [
    'another Region',
    'AuthorizationQueryParametersError',
    (request) => withUrl(request, /%2F[a-z0-9-]+%2Fs3%2F/, '%2Fap-southeast-2%2Fs3%2F'),
  ],
  ['another key id', 'InvalidAccessKeyId', (request) => withUrl(request, /X-Amz-Credential=./, 'X-Amz-Credential=Z')],
  ['a further parameter', SIGNATURE, (request) => ({ ...request, url: `${request.url}&x-amz-acl=public-read` })],
  ['another method', SIGNATURE, (request) => ({ ...request, method: 'DELETE' })],
  ['another signature', SIGNATURE, (request) => withUrl(request, /Signature=[0-9a-f]{8}/, 'Signature=00000000')],
  [
    'no signature',
    'AuthorizationQueryParametersError',
    (request) => withUrl(request, /&X-Amz-Signature=[0-9a-f]+/, ''),
  ],
];

const OF_CHECKSUMS = new Set(['other bytes of the same length', 'another checksum', 'no checksum']);

/** The same for a granted part 1 without a checksum, which takes any bytes of its length. */
export const BARE_PART_LIES: readonly PartLie[] = [
  ...PART_LIES.filter(([lie]) => !OF_CHECKSUMS.has(lie)),
  [
    'a checksum that was not granted',
    'AccessDenied',
    (request) => withHeader(request, 'x-amz-checksum-sha256', Buffer.alloc(32).toString('base64')),
  ],
];
