import { describe, expect, inject, it } from 'vitest';
import type { CreatedUpload } from '../../core/contract/records.ts';
import { callGateway, codeOf, create, mint } from '../support/gateway.ts';

const platform = inject('platform');
const MIB = 1_048_576;
const WISH = { name: 'a.bin', size: 11 * MIB, type: 'image/png', metadata: { a: 'b' } };
const SHA256 = 'ab'.repeat(32);

type Lie = readonly [lie: string, change: object];
const OF_ALL: readonly Lie[] = [
  ['another name', { name: 'b.bin' }],
  ['a name in other letters', { name: 'A.bin' }],
  ['one byte more', { size: 11 * MIB + 1 }],
  ['one byte fewer', { size: 11 * MIB - 1 }],
  ['another type', { type: 'image/gif' }],
  ['other metadata', { metadata: { a: 'c' } }],
  ['more metadata', { metadata: { a: 'b', c: 'd' } }],
  ['no metadata', { metadata: undefined }],
];
const OF_WHOLE: readonly Lie[] = [
  ...OF_ALL,
  ['another checksum', { sha256: 'cd'.repeat(32) }],
  ['no checksum', { sha256: undefined }],
  ['parts', { method: 'multipart', sha256: undefined }],
];
const OF_PARTS: readonly Lie[] = [
  ...OF_ALL,
  ['a checksum of the whole', { sha256: SHA256, method: 'auto' }],
  ['larger parts', { partSize: 6 * MIB }],
  ['no checksums of parts', { partChecksum: 'none' }],
  ['one PUT', { method: 'put', partSize: undefined, partChecksum: undefined }],
];

const renew = (token: string, id: string, body: object) =>
  callGateway(platform, 'POST', `/v1/uploads/${id}/renew`, { token, body });

describe.each([
  ['a PUT', { ...WISH, method: 'put', sha256: SHA256 }, [...OF_WHOLE, ['a form', { method: 'form' }] as const]],
  ['a form', { ...WISH, method: 'form', sha256: SHA256 }, [...OF_WHOLE, ['a PUT', { method: 'put' }] as const]],
  ['parts', { ...WISH, method: 'multipart', partSize: 5 * MIB, partChecksum: 'sha256' }, OF_PARTS],
])('%s, renewed', (_, body, lies) => {
  let token = '';
  let granted: CreatedUpload | undefined;
  const upload = async (): Promise<{ token: string; id: string }> => {
    token ||= await mint(platform, { sub: 'renewer' });
    granted ??= await create(platform, token, body);
    return { token, id: granted.id };
  };

  it('with the same body is granted again', async () => {
    const { token, id } = await upload();
    const answer = await renew(token, id, body);
    expect(answer.status, answer.text).toBe(200);
    expect(answer.json).toMatchObject({ id });
  });

  it.each(lies)('with %s is refused', async (_, change) => {
    const { token, id } = await upload();
    expect(codeOf(await renew(token, id, { ...body, ...change }))).toBe('grant_mismatch');
  });
});
