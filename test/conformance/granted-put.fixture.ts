import { grantDigest } from '../../core/contract/grant.ts';
import { formatId } from '../../core/contract/ids.ts';
import type { PutGrant } from '../../core/contract/records.ts';
import { grantPut } from '../../core/objects/put-grant.ts';
import type { Endpoint } from '../../core/objects/s3-endpoint.ts';
import type { SigningCredentials } from '../../core/objects/signing-key.ts';
import { type WireRequest, withBody, withHeader, withoutHeader, withUrl } from '../support/wire.ts';

export type GrantOptions = {
  readonly endpoint: Endpoint;
  readonly region: string;
  readonly credentials: SigningCredentials;
  /** Time of signing, milliseconds since 1970. */
  readonly now: number;
  readonly size: number;
  readonly name?: string;
  readonly type?: string;
  readonly sha256?: string | null;
  readonly metadata?: Readonly<Record<string, string>>;
  /** Makes another id. */
  readonly nonce?: number;
};

const OWNER = 'abcdefghijklmnopqrstuvwxyz234567';

/** A PUT grant as the gate makes one. */
export const grantFor = (options: GrantOptions): PutGrant => {
  const { endpoint, region, credentials, now, size } = options;
  const plan = { kind: 'put', checksumMode: 'none', partSize: 0, size } as const;
  const content = {
    name: options.name ?? 'übersicht.txt',
    type: options.type ?? 'text/plain; charset=utf-8',
    sha256: options.sha256 ?? null,
    metadata: options.metadata ?? { album: 'été' },
  };
  const id = formatId({
    ...plan,
    region: 'euw1',
    ownerKey: OWNER,
    nonce: new Uint8Array(16).fill(options.nonce ?? 0),
    grantDigest: grantDigest({ ...plan, ...content }),
  });
  const createdAt = new Date(now).toISOString();
  return grantPut({
    endpoint,
    region,
    credentials,
    issuerId: 'acme',
    ownerKey: OWNER,
    grant: { id, size, createdAt, ...content },
    now,
    expiresIn: 900,
  });
};

/** What a client sends for a grant. */
export const requestFor = (grant: PutGrant, body: Buffer): WireRequest => ({
  method: grant.method,
  url: grant.url,
  headers: { ...grant.headers, host: new URL(grant.url).host, 'content-length': String(body.length) },
  body,
});

const flip = (hex: string): string => (hex === 'a' ? 'b' : 'a');

/** One thing changed in a granted PUT that declares a SHA-256; every server has to refuse each and store nothing. */
export const LIES: readonly (readonly [lie: string, tell: (request: WireRequest) => WireRequest])[] = [
  ['another method', (request) => ({ ...request, method: 'POST' })],
  ['a header that was not granted', (request) => withHeader(request, 'x-amz-acl', 'public-read')],
  ['another key', (request) => withUrl(request, /.\?/, '7?')],
  ['one byte more', (request) => withBody(request, Buffer.concat([request.body, Buffer.from('!')]))],
  ['one byte fewer', (request) => withBody(request, request.body.subarray(1))],
  ['another type', (request) => withHeader(request, 'content-type', 'text/html')],
  ['no type', (request) => withoutHeader(request, 'content-type')],
  ['other bytes of the same length', (request) => ({ ...request, body: Buffer.alloc(request.body.length, 'x') })],
  ['another checksum', (request) => withHeader(request, 'x-amz-checksum-sha256', Buffer.alloc(32).toString('base64'))],
  ['no checksum', (request) => withoutHeader(request, 'x-amz-checksum-sha256')],
  ['another grant', (request) => withHeader(request, 'x-amz-meta-nearput', 'eyJ2IjoxfQ')],
  ['no grant', (request) => withoutHeader(request, 'x-amz-meta-nearput')],
  ['no If-None-Match', (request) => withoutHeader(request, 'if-none-match')],
  ['another If-None-Match', (request) => withHeader(request, 'if-none-match', '"etag"')],
  ['a longer life', (request) => withUrl(request, /X-Amz-Expires=900/, 'X-Amz-Expires=901')],
  ['another time', (request) => withUrl(request, /(X-Amz-Date=\d{8}T\d{5})\d/, '$10')],
  ['another Region', (request) => withUrl(request, /%2F[a-z0-9-]+%2Fs3%2F/, '%2Fap-southeast-2%2Fs3%2F')],
  ['another key id', (request) => withUrl(request, /X-Amz-Credential=./, 'X-Amz-Credential=Z')],
  ['fewer signed headers', (request) => withUrl(request, /%3Bif-none-match/, '')],
  ['a further parameter', (request) => ({ ...request, url: `${request.url}&x-amz-acl=public-read` })],
  ['another signature', (request) => ({ ...request, url: request.url.replace(/.$/, flip) })],
  ['no signature', (request) => withUrl(request, /&X-Amz-Signature=[0-9a-f]+/, '')],
];
