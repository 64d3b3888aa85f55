import { describe, expect, it } from 'vitest';
import { createMultipart, readUploadId } from './create-multipart.ts';
import { encodeGrantMetadata } from './grant-metadata.ts';
import { CONTEXT, metadataFor, OWNER } from './grants.fixture.ts';
import { s3Endpoint } from './s3-endpoint.ts';

const MIB = 1_048_576;
const grant = metadataFor({ kind: 'multipart', size: 20 * MIB, partSize: 8 * MIB });
const REQUEST = { ...CONTEXT, grant, checksumMode: 'none' } as const;

const signedIn = (headers: Readonly<Record<string, string>>): string | undefined =>
  /SignedHeaders=([^,]+)/.exec(headers['authorization'] ?? '')?.[1];

describe('createMultipart', () => {
  it('asks for uploads of the generated key', () => {
    const { method, url } = createMultipart(REQUEST);
    expect(method).toBe('POST');
    expect(url).toBe(`https://uploads.s3.eu-west-1.amazonaws.com/u/acme/${OWNER}/${grant.id}?uploads=`);
    const endpoint = s3Endpoint({ bucket: 'uploads', region: 'eu-west-1', endpoint: 'http://127.0.0.1:9000' });
    expect(createMultipart({ ...REQUEST, endpoint }).url).toMatch(/^http:\/\/127\.0\.0\.1:9000\/uploads\/u\/acme\//);
  });

  it('fixes type, grant and the checksum of the whole object', () => {
    const { headers } = createMultipart(REQUEST);
    expect(headers).toMatchObject({
      'content-type': 'text/plain',
      'x-amz-meta-nearput': encodeGrantMetadata(grant),
      'x-amz-checksum-algorithm': 'CRC64NVME',
      'x-amz-checksum-type': 'FULL_OBJECT',
    });
    expect(signedIn(headers)).toBe(
      'content-type;host;x-amz-checksum-algorithm;x-amz-checksum-type;x-amz-content-sha256;x-amz-date;x-amz-meta-nearput;x-amz-security-token',
    );
  });

  it('fixes a composite of the SHA-256 of the parts', () => {
    expect(createMultipart({ ...REQUEST, checksumMode: 'sha256' }).headers).toMatchObject({
      'x-amz-checksum-algorithm': 'SHA256',
      'x-amz-checksum-type': 'COMPOSITE',
    });
  });
});

describe('readUploadId', () => {
  const answer = (id: string): string =>
    `<?xml version="1.0" encoding="UTF-8"?>\n<InitiateMultipartUploadResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Bucket>uploads</Bucket><Key>k</Key><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`;

  it.each(['VXBsb2FkIElEIGZvciA2aWWpbmcncyBteS1tb3ZpZS5tMnRzIHVwbG9hZA', 'a.b_c~d+e/f=g-h', 'x'.repeat(1_024)])(
    'reads %s',
    (id) => {
      expect(readUploadId(answer(id))).toBe(id);
    },
  );

  it.each(['', 'a b', 'a&amp;b', 'a\n', '"', 'x'.repeat(1_025)])('reads nothing strange: %j', (id) => {
    expect(readUploadId(answer(id))).toBeUndefined();
  });

  it('reads nothing from an error', () => {
    expect(readUploadId('<Error><Code>SlowDown</Code></Error>')).toBeUndefined();
  });
});
