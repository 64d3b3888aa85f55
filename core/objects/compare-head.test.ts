import { describe, expect, it } from 'vitest';
import { grantDigest } from '../contract/grant.ts';
import { formatId, type ParsedId, parseId } from '../contract/ids.ts';
import { compareHead, type ObjectHead } from './compare-head.ts';
import { encodeGrantMetadata, type GrantMetadata } from './grant-metadata.ts';

/** SHA-256 of `test` and the same in base64. */
const SHA256 = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';
const SHA256_BASE64 = 'n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=';
const CONTENT = { name: 'a.txt', type: 'text/plain', sha256: SHA256, metadata: { album: 'x' }, size: 4 };

const mint = (content: typeof CONTENT | (Omit<typeof CONTENT, 'sha256'> & { sha256: null }), nonce = 0) => {
  const plan = { kind: 'put', checksumMode: 'none', partSize: 0, size: content.size } as const;
  return formatId({
    ...plan,
    region: 'euw1',
    ownerKey: 'a'.repeat(32),
    nonce: new Uint8Array(16).fill(nonce),
    grantDigest: grantDigest({ ...plan, ...content }),
  });
};
const uploadOf = (id: string): ParsedId => {
  const upload = parseId(id);
  if (upload === undefined) throw new Error('the test made no id');
  return upload;
};

const ID = mint(CONTENT);
const UPLOAD = uploadOf(ID);
const GRANT: GrantMetadata = { ...CONTENT, id: ID, createdAt: '2026-11-21T12:00:00.000Z' };
const HEAD: ObjectHead = {
  contentLength: 4,
  contentType: 'text/plain',
  metadata: { nearput: encodeGrantMetadata(GRANT) },
  checksums: { sha256: SHA256_BASE64 },
};
const carrying = (grant: GrantMetadata): Partial<ObjectHead> => ({ metadata: { nearput: encodeGrantMetadata(grant) } });

describe('compareHead', () => {
  it('accepts the object that was granted and returns the proven grant', () => {
    expect(compareHead(UPLOAD, HEAD)).toEqual({ ok: true, grant: GRANT });
  });

  it('does not mind when the grant was signed: a renewed one has another time', () => {
    expect(
      compareHead(UPLOAD, { ...HEAD, ...carrying({ ...GRANT, createdAt: '2026-11-22T00:00:00.000Z' }) }),
    ).toMatchObject({ ok: true });
  });

  it('does not ask for a checksum that was not declared', () => {
    const content = { ...CONTENT, sha256: null };
    const id = mint(content);
    expect(
      compareHead(uploadOf(id), { ...HEAD, ...carrying({ ...GRANT, ...content, id }), checksums: {} }),
    ).toMatchObject({ ok: true });
  });

  it('takes headers that S3 shows as empty for absent', () => {
    expect(compareHead(UPLOAD, { ...HEAD, contentEncoding: '' })).toMatchObject({ ok: true });
  });

  it.each(['no-cache', 'max-age=0'])(
    'takes the Cache-Control %s that browsers add beside If-None-Match for absent',
    (cacheControl) => {
      expect(compareHead(UPLOAD, { ...HEAD, cacheControl })).toMatchObject({ ok: true });
    },
  );

  it.each<[string, Partial<ObjectHead>, string]>([
    ['no metadata', { metadata: {} }, 'grant'],
    ['metadata that cannot be read', { metadata: { nearput: 'x' } }, 'grant'],
    ['the grant of another upload', carrying({ ...GRANT, id: mint(CONTENT, 1) }), 'grant'],
    ['another name', carrying({ ...GRANT, name: 'b.txt' }), 'grant'],
    ['another declared type', carrying({ ...GRANT, type: 'text/html' }), 'grant'],
    ['another declared size', carrying({ ...GRANT, size: 5 }), 'grant'],
    ['another declared checksum', carrying({ ...GRANT, sha256: null }), 'grant'],
    ['other free metadata', carrying({ ...GRANT, metadata: { album: 'y' } }), 'grant'],
    ['a byte too few', { contentLength: 3 }, 'size'],
    ['a byte too many', { contentLength: 5 }, 'size'],
    ['no length', { contentLength: undefined }, 'size'],
    ['another type', { contentType: 'text/html' }, 'type'],
    ['a type in other letters', { contentType: 'Text/plain' }, 'type'],
    ['no type', { contentType: undefined }, 'type'],
    ['another checksum', { checksums: { sha256: SHA256_BASE64.replace('n4', 'n5') } }, 'checksum'],
    ['no checksum', { checksums: {} }, 'checksum'],
    ['Content-Encoding', { contentEncoding: 'gzip' }, 'headers'],
    ['Cache-Control', { cacheControl: 'public' }, 'headers'],
    ['Cache-Control beside the one of fetch', { cacheControl: 'no-cache, public' }, 'headers'],
    ['a Cache-Control that lasts', { cacheControl: 'max-age=1' }, 'headers'],
    ['Content-Disposition', { contentDisposition: 'inline' }, 'headers'],
    ['the Cache-Control of fetch as another header', { contentDisposition: 'no-cache' }, 'headers'],
    ['Content-Language', { contentLanguage: 'de' }, 'headers'],
    ['Expires', { expires: 'soon' }, 'headers'],
    ['a website redirect', { websiteRedirectLocation: 'https://evil.test' }, 'headers'],
    ['further metadata', { metadata: { ...HEAD.metadata, x: 'y' } }, 'headers'],
  ])('rejects %s', (_, change, code) => {
    expect(compareHead(UPLOAD, { ...HEAD, ...change })).toMatchObject({ ok: false, code });
  });

  it('says what it found, cut short', () => {
    expect(compareHead(UPLOAD, { ...HEAD, contentEncoding: 'x'.repeat(100) })).toEqual({
      ok: false,
      code: 'headers',
      detail: `The object was stored with Content-Encoding "${'x'.repeat(64)}", which was not granted.`,
    });
    expect(compareHead(UPLOAD, { ...HEAD, contentLength: 3 })).toEqual({
      ok: false,
      code: 'size',
      detail: 'The object has 3 bytes, 4 were declared.',
    });
  });
});

describe('the checksum of an object made of parts', () => {
  const CRC = 'AAAAAAAAAAA=';
  const COMPOSITE = `${SHA256_BASE64}-2`;
  const size = 5_242_881;

  const compare = (checksumMode: 'none' | 'sha256', checksums: Record<string, string>) => {
    const content = { name: 'a.txt', type: 'text/plain', sha256: null, metadata: {} };
    const plan = { kind: 'multipart', checksumMode, partSize: 5_242_880, size } as const;
    const nonce = new Uint8Array(16);
    const digest = grantDigest({ ...plan, ...content });
    const id = formatId({ ...plan, region: 'euw1', ownerKey: 'a'.repeat(32), nonce, grantDigest: digest });
    const grant = { ...content, id, size, createdAt: GRANT.createdAt };
    const compared = compareHead(uploadOf(id), { ...HEAD, ...carrying(grant), contentLength: size, checksums });
    return compared.ok ? 'ok' : compared.code;
  };

  it.each([
    ['none', 'the CRC-64/NVME of the whole', { crc64nvme: CRC }, 'ok'],
    ['sha256', 'the composite of as many parts as planned', { sha256: COMPOSITE }, 'ok'],
    ['none', 'none at all', {}, 'checksum'],
    ['none', 'a composite', { sha256: COMPOSITE }, 'checksum'],
    ['none', 'a composite CRC', { crc64nvme: `${CRC}-2` }, 'checksum'],
    ['sha256', 'the CRC-64/NVME of the whole', { crc64nvme: CRC }, 'checksum'],
    ['sha256', 'the SHA-256 of a whole', { sha256: SHA256_BASE64 }, 'checksum'],
    ['sha256', 'a composite of another number of parts', { sha256: `${SHA256_BASE64}-3` }, 'checksum'],
  ] as const)('planned as %s, seen %s', (mode, _seen, checksums, verdict) => {
    expect(compare(mode, { ...checksums })).toBe(verdict);
  });
});
