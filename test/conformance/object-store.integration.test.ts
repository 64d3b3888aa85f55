import { DeleteObjectCommand, PutObjectCommand, type PutObjectCommandInput, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { objectKey } from '../../core/objects/object-key.ts';
import { type S3, startS3 } from '../../local/s3/start.ts';
import { ADMIN, temporaryFolder, testOptions } from '../../local/s3/testing/platform.ts';
import { isUpstreamFault } from '../../origin/aws/upstream-fault.ts';
import { createS3Store } from '../../origin/objects/s3-store.ts';
import { grantUpload, type TestUpload, type UploadWish } from '../../origin/testing/subjects.ts';

const BUCKET = 'bucket-eu';
const SHA_HEX = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';
const SHA_BASE64 = 'n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=';

let s3: S3;
let client: S3Client;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let seeds = 0;

const options = () => ({ signal: AbortSignal.timeout(5_000) });

const clientOf = (endpoint: string): S3Client =>
  new S3Client({
    endpoint,
    region: 'eu-west-1',
    credentials: { accessKeyId: ADMIN.accessKeyId, secretAccessKey: ADMIN.secretAccessKey },
    forcePathStyle: true,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    maxAttempts: 1,
  });

beforeAll(async () => {
  folder = await temporaryFolder();
  s3 = await startS3(testOptions(folder.path));
  client = clientOf(s3.regions['euw1']?.url ?? '');
});

afterAll(async () => {
  client.destroy();
  await s3.close();
  await folder.remove();
});

const store = () => createS3Store({ client, bucket: BUCKET, now: Date.now });

const grant = (wish: UploadWish = {}): TestUpload => {
  seeds += 1;
  return grantUpload({ seed: `s3 ${seeds}`, ...wish });
};

const put = async (upload: TestUpload, change: Partial<PutObjectCommandInput> = {}): Promise<string> => {
  const command = new PutObjectCommand({
    Bucket: BUCKET,
    Key: objectKey(upload.subject),
    Body: 'test',
    ContentType: upload.grant.type,
    Metadata: { ...upload.head.metadata },
    IfNoneMatch: '*',
    ...change,
  });
  const { VersionId } = await client.send(command);
  if (VersionId === undefined) throw new Error('the bucket keeps no versions');
  return VersionId;
};

describe('the S3 store', () => {
  it('sees a faithful PUT as what was granted, with version, ETag and S3’s own checksums', async () => {
    const upload = grant({ name: 'Ünïcode 名.png', metadata: { constructor: 'c' } });
    const versionId = await put(upload);
    const seen = await store().head(upload.subject, null, options());
    expect(seen).toMatchObject({
      found: true,
      rejected: null,
      pin: { versionId, etag: '"098f6bcd4621d373cade4e832627b4f6"', checksums: { crc64nvme: expect.any(String) } },
      granted: { grant: upload.grant, createdAt: upload.createdAt },
    });
    expect(await store().head(upload.subject, versionId, options())).toEqual(seen);
  });

  it('sees the SHA-256 that was declared', async () => {
    const upload = grant({ sha256: SHA_HEX });
    await put(upload, { ChecksumSHA256: SHA_BASE64 });
    const seen = await store().head(upload.subject, null, options());
    expect(seen).toMatchObject({ rejected: null, pin: { checksums: { sha256: SHA_BASE64 } } });
  });

  it.each([
    ['headers', { ContentEncoding: 'gzip' }],
    ['headers', { CacheControl: 'no-store' }],
    ['headers', { ContentDisposition: 'inline' }],
    ['headers', { ContentLanguage: 'en' }],
    ['headers', { Expires: new Date('2030-01-01T00:00:00Z') }],
    ['size', { Body: 'tests' }],
    ['type', { ContentType: 'text/html' }],
    ['grant', { Metadata: {} }],
  ] as const)('sees what was not granted: %s %o', async (code, change) => {
    const upload = grant();
    await put(upload, change);
    expect(await store().head(upload.subject, null, options())).toMatchObject({ found: true, rejected: { code } });
  });

  it('tells a missing key, a missing version and a delete marker apart from trouble', async () => {
    const upload = grant();
    expect(await store().head(upload.subject, null, options())).toEqual({ found: false, deleteMarker: false });
    const versionId = await put(upload);
    await client.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: objectKey(upload.subject) }));
    expect(await store().head(upload.subject, null, options())).toEqual({ found: false, deleteMarker: true });
    expect(await store().head(upload.subject, versionId, options())).toMatchObject({ found: true });
    await store().deleteVersion(upload.subject, versionId, options());
    expect(await store().head(upload.subject, versionId, options())).toEqual({ found: false, deleteMarker: false });
  });

  it('removes exactly one version, also when it is gone already', async () => {
    const upload = grant();
    const first = await put(upload);
    const second = await put(upload, { IfNoneMatch: undefined });
    await store().deleteVersion(upload.subject, second, options());
    await store().deleteVersion(upload.subject, second, options());
    expect(await store().head(upload.subject, null, options())).toMatchObject({ pin: { versionId: first } });
  });

  it('throws an upstream fault for an S3 that is not there', async () => {
    const nobody = clientOf('http://127.0.0.1:9');
    const fault: unknown = await createS3Store({ client: nobody, bucket: BUCKET, now: Date.now })
      .head(grant().subject, null, options())
      .catch((error: unknown) => error);
    expect(isUpstreamFault(fault)).toBe(true);
    nobody.destroy();
  });

  it('links to exactly one version, with its name and type signed in', async () => {
    const upload = grant();
    const versionId = await put(upload);
    const link = await store().presignDownload({
      key: objectKey(upload.subject),
      versionId,
      ttl: 60,
      contentType: 'image/png',
      contentDisposition: 'attachment; filename="a.png"; filename*=UTF-8\'\'%C3%A4.png',
    });
    const response = await fetch(link.url);
    expect(response.status).toBe(200);
    expect(await response.text()).toBe('test');
    expect(response.headers.get('content-type')).toBe('image/png');
    expect(response.headers.get('content-disposition')).toBe(
      'attachment; filename="a.png"; filename*=UTF-8\'\'%C3%A4.png',
    );
    expect(response.headers.get('x-amz-version-id')).toBe(versionId);
    const wait = Date.parse(link.expiresAt) - Date.now();
    expect(wait).toBeGreaterThan(55_000);
    expect(wait).toBeLessThanOrEqual(60_000);
    const changed = new URL(link.url);
    changed.searchParams.set('response-content-type', 'text/html');
    expect((await fetch(changed)).status).toBe(403);
    const ranged = await fetch(link.url, { headers: { range: 'bytes=1-2' } });
    expect(await ranged.text()).toBe('es');
  });

  it('never names a signature in an error', async () => {
    const upload = grant();
    const aborted = await store()
      .head(upload.subject, null, { signal: AbortSignal.abort() })
      .catch((error: unknown) => error);
    expect(aborted).toBeInstanceOf(Error);
    expect(JSON.stringify(aborted, Object.getOwnPropertyNames(aborted))).not.toMatch(/Signature=|X-Amz-Signature/);
  });
});
