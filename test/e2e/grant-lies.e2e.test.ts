import { describe, expect, inject, it } from 'vitest';
import type { CreatedUpload } from '../../core/contract/records.ts';
import {
  type Answer,
  ask,
  callGateway,
  codeOf,
  create,
  finalize,
  mint,
  sha256Hex,
  someFile,
} from '../support/gateway.ts';
import { setClock } from '../support/registry.ts';

const platform = inject('platform');
const SIZE = 64;

type Attempt = { method: string; url: string; headers: Record<string, string>; body: Buffer };
type Lie = (good: Attempt, other: CreatedUpload) => Attempt;

/** A granted PUT with everything a grant can bind, and a second grant to steal from. */
const granted = async (): Promise<{ token: string; created: CreatedUpload; good: Attempt; other: CreatedUpload }> => {
  const token = await mint(platform, { sub: 'liar' });
  const file = someFile(SIZE);
  const body = { ...file.body, sha256: sha256Hex(file.bytes), metadata: { a: 'b' } };
  const created = await create(platform, token, body);
  const other = await create(platform, token, { ...body, name: 'other.bin' });
  if (created.put === undefined) throw new Error('no PUT was granted');
  const good = { method: 'PUT', url: created.put.url, headers: { ...created.put.headers }, body: file.bytes };
  return { token, created, good, other };
};

const send = ({ url, ...rest }: Attempt): Promise<Answer> => ask(url, rest);
const code = (answer: Answer): string =>
  /<Code>([^<]+)<\/Code>/.exec(answer.text)?.[1] ?? `${answer.status} without a code`;
const withQuery = (url: string, change: (query: URLSearchParams) => void): string => {
  const changed = new URL(url);
  change(changed.searchParams);
  return changed.toString();
};
const region = (name: string) => platform.regions[name] ?? { s3: '', bucket: '' };

const LIES: [string, string, Lie][] = [
  ['another method', 'SignatureDoesNotMatch', (good) => ({ ...good, method: 'POST' })],
  ['another key', 'SignatureDoesNotMatch', (good) => ({ ...good, url: good.url.replace('?', 'x?') })],
  [
    'the key of another grant',
    'SignatureDoesNotMatch',
    (good, other) => ({ ...good, url: `${other.put?.url.split('?')[0]}?${good.url.split('?')[1]}` }),
  ],
  [
    'one byte more',
    'SignatureDoesNotMatch',
    (good) => ({ ...good, body: Buffer.concat([good.body, Buffer.alloc(1)]) }),
  ],
  ['one byte fewer', 'SignatureDoesNotMatch', (good) => ({ ...good, body: good.body.subarray(1) })],
  ['other bytes of the same length', 'BadDigest', (good) => ({ ...good, body: Buffer.alloc(SIZE) })],
  [
    'another content-type',
    'SignatureDoesNotMatch',
    (good) => ({ ...good, headers: { ...good.headers, 'content-type': 'text/html' } }),
  ],
  [
    'another sha256',
    'SignatureDoesNotMatch',
    (good) => ({ ...good, headers: { ...good.headers, 'x-amz-checksum-sha256': Buffer.alloc(32).toString('base64') } }),
  ],
  [
    'the metadata of another grant',
    'SignatureDoesNotMatch',
    (good, other) => ({
      ...good,
      headers: { ...good.headers, 'x-amz-meta-nearput': other.put?.headers['x-amz-meta-nearput'] ?? '' },
    }),
  ],
  [
    'an extra x-amz- header',
    'AccessDenied',
    (good) => ({ ...good, headers: { ...good.headers, 'x-amz-acl': 'public-read' } }),
  ],
  [
    'no If-None-Match',
    'SignatureDoesNotMatch',
    (good) => {
      const { 'if-none-match': _, ...headers } = good.headers;
      return { ...good, headers };
    },
  ],
  [
    'a longer life',
    'SignatureDoesNotMatch',
    (good) => ({ ...good, url: withQuery(good.url, (query) => query.set('X-Amz-Expires', '3600')) }),
  ],
  [
    'another Region',
    'AuthorizationQueryParametersError',
    (good) => ({
      ...good,
      url: good.url.replace(
        `${region('euw1').s3}/${region('euw1').bucket}`,
        `${region('use1').s3}/${region('use1').bucket}`,
      ),
    }),
  ],
  [
    'another session token',
    'InvalidToken',
    (good) => ({ ...good, url: withQuery(good.url, (query) => query.set('X-Amz-Security-Token', 'another')) }),
  ],
];

describe('a granted PUT', () => {
  it('is taken as it stands, once', async () => {
    const { good } = await granted();
    expect((await send(good)).status).toBe(200);
    expect(code(await send(good))).toBe('PreconditionFailed');
  });

  it.each(LIES)('with %s is refused as %s and stores nothing', async (_, expected, lie) => {
    const { token, created, good, other } = await granted();
    expect(code(await send(lie(good, other)))).toBe(expected);
    expect(codeOf(await finalize(platform, token, created.id))).toBe('bytes_missing');
    expect(codeOf(await finalize(platform, token, other.id))).toBe('bytes_missing');
    expect((await send(good)).status).toBe(200);
  });

  it('is refused as AccessDenied once its life is over, and stores nothing', async () => {
    // Granted in the past: nothing that the others rely on ever lies in the future.
    await setClock(platform, -1_000);
    const { token, created, good } = await granted().finally(() => setClock(platform, 0));
    const answer = await send(good);
    expect(code(answer)).toBe('AccessDenied');
    expect(answer.text).toContain('<Message>Request has expired</Message>');
    expect(codeOf(await finalize(platform, token, created.id))).toBe('bytes_missing');
  });

  it.each([
    ['content-encoding', 'gzip'],
    ['cache-control', 'public, max-age=31536000'],
    ['content-disposition', 'inline'],
    ['content-language', 'de'],
    ['expires', 'Wed, 21 Oct 2099 07:28:00 GMT'],
  ])('that adds %s, which a signature cannot forbid, ends REJECTED', async (name, value) => {
    const { token, created, good } = await granted();
    expect((await send({ ...good, headers: { ...good.headers, [name]: value } })).status).toBe(200);
    const first = await finalize(platform, token, created.id);
    expect(codeOf(first)).toBe('upload_rejected');
    expect(codeOf(await finalize(platform, token, created.id))).toBe('upload_rejected');
    const record = await callGateway(platform, 'GET', `/v1/uploads/${created.id}`, { token });
    expect(record.json).toMatchObject({
      state: 'REJECTED',
      download: null,
      rejected: { code: expect.any(String), detail: expect.any(String) },
    });
  });
});
