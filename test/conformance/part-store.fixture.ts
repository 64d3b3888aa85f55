import { createHash } from 'node:crypto';
import { HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { createMultipart, readUploadId } from '../../core/objects/create-multipart.ts';
import { objectKey } from '../../core/objects/object-key.ts';
import { grantParts } from '../../core/objects/part-grants.ts';
import type { OpenedParts } from '../../origin/objects/part-store.suite.ts';
import { createS3Parts } from '../../origin/objects/s3-parts.ts';
import type { TestUpload } from '../../origin/testing/subjects.ts';
import type { Judge } from './judge.fixture.ts';

const contextOf = ({ signer }: Judge, { subject }: TestUpload) => ({
  ...signer,
  issuerId: subject.issuerId,
  ownerKey: subject.ownerKey,
  now: Date.now(),
});

const start = async (judge: Judge, upload: TestUpload): Promise<string> => {
  const { subject, grant, createdAt } = upload;
  const { method, url, headers } = createMultipart({
    ...contextOf(judge, upload),
    grant: { ...grant, id: subject.id, size: subject.upload.size, createdAt },
    checksumMode: subject.upload.checksumMode,
  });
  const response = await fetch(url, { method, headers });
  const uploadId = readUploadId(await response.text());
  if (uploadId === undefined) throw new Error(`S3 started nothing: ${response.status}`);
  return uploadId;
};

const send = async (
  judge: Judge,
  upload: TestUpload,
  uploadId: string,
  number: number,
  bytes: Buffer,
): Promise<void> => {
  const { id, checksumMode } = upload.subject.upload;
  const { size, partSize } = upload.subject.upload;
  const sha256 = checksumMode === 'sha256' ? createHash('sha256').update(bytes).digest('hex') : undefined;
  const [grant] = grantParts({
    ...contextOf(judge, upload),
    plan: { id, size, partSize, checksumMode },
    uploadId,
    parts: [{ number, sha256 }],
    expiresIn: 900,
  });
  const response = await fetch(grant?.url ?? '', {
    method: 'PUT',
    headers: grant?.headers ?? {},
    body: new Uint8Array(bytes),
  });
  if (response.status !== 200) throw new Error(`S3 answered a part with ${response.status}: ${await response.text()}`);
};

/** The origin's part store on a running S3, with uploads and parts that are made as the gate and a client make them. */
export const openParts = async (openJudge: () => Promise<Judge>): Promise<OpenedParts> => {
  const judge = await openJudge();
  const { bucket, signer } = judge;
  const { accessKeyId, secretAccessKey, sessionToken } = signer.credentials;
  const client = new S3Client({
    endpoint: `http://${signer.endpoint.host}`,
    region: signer.region,
    credentials: { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) },
    forcePathStyle: true,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    maxAttempts: 1,
  });
  return {
    parts: createS3Parts({ client, completer: client, bucket }),
    start: (upload) => start(judge, upload),
    send: (upload, uploadId, number, size, content = 'a') =>
      send(judge, upload, uploadId, number, Buffer.alloc(size, content)),
    version: async ({ subject }) => {
      try {
        const head = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: objectKey(subject) }));
        return head.VersionId ?? 'null';
      } catch (error) {
        if (error instanceof Error && error.name === 'NotFound') return null;
        throw error;
      }
    },
    // Computed bit by bit from the polynomial; `123456789` gives the published AE8B14860A799888.
    crcOfByte: 'jC+ERbTL/Dw=',
    close: async () => {
      client.destroy();
      await judge.stop();
    },
  };
};
