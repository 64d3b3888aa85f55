import { describe, expect, inject, it } from 'vitest';
import { callGateway, codeOf, finalize, mint, put, someFile, uploadBytes } from '../support/gateway.ts';
import { describeOffences, finished, fresh, good, type Offence, withToken } from '../support/offence.ts';

const platform = inject('platform');
const FOREIGN_ID = `euw1_c${'a'.repeat(70)}`;

const remove = (token: string, id: string) => callGateway(platform, 'DELETE', `/v1/uploads/${id}`, { token });

const OFFENCES: readonly Offence[] = [
  ['upload_not_found', 'an id nobody minted', /./, () => withToken('GET', `/v1/uploads/${FOREIGN_ID}`)],
  ['bytes_missing', 'no PUT before finalize', /PUT|bytes/, () => fresh((token, id) => finalize(platform, token, id))],
  [
    'content_mismatch',
    'a checksum of other bytes',
    /crc64nvme/,
    () => finished((token, id) => finalize(platform, token, id, { checksum: { crc64nvme: 'AAAAAAAAAAA=' } })),
  ],
  [
    'already_complete',
    'abort of a finished upload',
    /DELETE|delete/,
    () => finished((token, id) => callGateway(platform, 'POST', `/v1/uploads/${id}/abort`, { token })),
  ],
  [
    'grant_mismatch',
    'renew with another name',
    /name|create/,
    () =>
      fresh((token, id) =>
        callGateway(platform, 'POST', `/v1/uploads/${id}/renew`, { token, body: { ...good, name: 'other' } }),
      ),
  ],
  [
    'upload_aborted',
    'finalize after abort',
    /./,
    () =>
      fresh(async (token, id) => {
        await callGateway(platform, 'POST', `/v1/uploads/${id}/abort`, { token });
        return finalize(platform, token, id);
      }),
  ],
  [
    'upload_deleted',
    'content after delete',
    /restore/,
    () =>
      finished(async (token, id) => {
        await remove(token, id);
        return callGateway(platform, 'GET', `/v1/uploads/${id}/content`, { token });
      }),
  ],
  [
    'wrong_region',
    "another Region's API",
    /euw1/,
    () =>
      fresh(async (token, id) =>
        callGateway({ edge: platform.regions['use1']?.api ?? '' }, 'GET', `/v1/uploads/${id}`, { token }),
      ),
  ],
];

describeOffences('an upload', OFFENCES);

describe('an upload', () => {
  it('that is finished keeps its bytes whatever was refused', async () => {
    const token = await mint(platform, { sub: 'keeps' });
    const file = someFile();
    const { created } = await uploadBytes(platform, token, file);
    expect((await put(created, file.bytes)).status).toBe(412);
    expect(codeOf(await callGateway(platform, 'POST', `/v1/uploads/${created.id}/abort`, { token }))).toBe(
      'already_complete',
    );
    expect((await callGateway(platform, 'GET', `/v1/uploads/${created.id}`, { token })).json).toMatchObject({
      state: 'UPLOADED',
    });
  });
});
