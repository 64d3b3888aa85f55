import { describe, expect, it } from 'vitest';
import { CONTEXT, metadataFor, OWNER } from './grants.fixture.ts';
import { listMultiparts, readOpenMultipart } from './list-multiparts.ts';
import { s3Endpoint } from './s3-endpoint.ts';

const { id } = metadataFor({ kind: 'multipart', size: 20_971_520, partSize: 8_388_608 });
const KEY = `u/acme/${OWNER}/${id}`;

const upload = (key: string, uploadId: string, initiated: string): string =>
  `<Upload><Key>${key}</Key><UploadId>${uploadId}</UploadId><Initiator><ID>i</ID></Initiator><StorageClass>STANDARD</StorageClass><Initiated>${initiated}</Initiated><ChecksumAlgorithm>CRC64NVME</ChecksumAlgorithm></Upload>`;
const answer = (...uploads: string[]): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<ListMultipartUploadsResult><Bucket>uploads</Bucket><KeyMarker></KeyMarker><UploadIdMarker></UploadIdMarker><NextUploadIdMarker>no</NextUploadIdMarker>\n${uploads.join('\n')}\n</ListMultipartUploadsResult>`;

describe('listMultiparts', () => {
  it('asks the bucket for the uploads of one key', () => {
    const { method, url } = listMultiparts({ ...CONTEXT, id });
    expect(method).toBe('GET');
    expect(url).toBe(
      `https://uploads.s3.eu-west-1.amazonaws.com/?max-uploads=10&prefix=u%2Facme%2F${OWNER}%2F${id}&uploads=`,
    );
    const endpoint = s3Endpoint({ bucket: 'uploads', region: 'eu-west-1', endpoint: 'http://127.0.0.1:9000' });
    expect(listMultiparts({ ...CONTEXT, endpoint, id }).url).toMatch(
      /^http:\/\/127\.0\.0\.1:9000\/uploads\?max-uploads/,
    );
  });
});

describe('readOpenMultipart', () => {
  it('finds the open upload', () => {
    expect(readOpenMultipart(answer(upload(KEY, 'one', '2026-11-21T11:00:00.000Z')), KEY)).toEqual({
      uploadId: 'one',
      startedAt: Date.UTC(2026, 10, 21, 11),
    });
  });

  it('finds none where none is open', () => {
    expect(readOpenMultipart(answer(), KEY)).toBeUndefined();
  });

  it('takes the one started first, in whatever order they come', () => {
    const [early, late] = [
      upload(KEY, 'early', '2026-11-21T11:00:00.000Z'),
      upload(KEY, 'late', '2026-11-21T11:00:00.001Z'),
    ];
    expect(readOpenMultipart(answer(early, late), KEY)?.uploadId).toBe('early');
    expect(readOpenMultipart(answer(late, early), KEY)?.uploadId).toBe('early');
  });

  it('takes the same of two started at once', () => {
    const [a, b] = [upload(KEY, 'a', '2026-11-21T11:00:00.000Z'), upload(KEY, 'b', '2026-11-21T11:00:00.000Z')];
    expect(readOpenMultipart(answer(a, b), KEY)?.uploadId).toBe('a');
    expect(readOpenMultipart(answer(b, a), KEY)?.uploadId).toBe('a');
  });

  it.each([
    ['another key', upload(`${KEY}a`, 'one', '2026-11-21T11:00:00.000Z')],
    ['a time that is none', upload(KEY, 'one', 'yesterday')],
    ['an upload id that is none', upload(KEY, 'o ne', '2026-11-21T11:00:00.000Z')],
  ])('passes over %s', (_, other) => {
    expect(readOpenMultipart(answer(other), KEY)).toBeUndefined();
  });
});
