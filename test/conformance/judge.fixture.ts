import { CreateBucketCommand, PutBucketVersioningCommand, S3Client } from '@aws-sdk/client-s3';
import { s3Endpoint } from '../../core/objects/s3-endpoint.ts';
import { startS3 } from '../../local/s3/start.ts';
import { ADMIN, temporaryFolder, testOptions } from '../../local/s3/testing/platform.ts';
import type { Signer } from './granted-parts.fixture.ts';
import { startVersitygw } from './versitygw.fixture.ts';

/** An S3 with one empty bucket that keeps versions. */
export type Judge = {
  readonly bucket: string;
  readonly signer: Signer;
  readonly client: S3Client;
  stop(): Promise<void>;
};

/** Error codes of its own, by the lie it answers them to. */
export type OwnCodes = Readonly<Record<string, string>>;

const REGION = 'eu-west-1';

/** versitygw, which nobody of this project wrote. */
export const versitygwAsJudge = async (): Promise<Judge> => {
  const server = await startVersitygw(REGION);
  const client = new S3Client({ ...server, forcePathStyle: true });
  const bucket = 'uploads';
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  const VersioningConfiguration = { Status: 'Enabled' } as const;
  await client.send(new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration }));
  return {
    bucket,
    client,
    signer: { ...server, endpoint: s3Endpoint({ bucket, ...server }) },
    stop: async () => {
      client.destroy();
      await server.stop();
    },
  };
};

/** The local S3, whose verifier shares no code with the signer. */
export const localS3AsJudge = async (): Promise<Judge> => {
  const folder = await temporaryFolder();
  const s3 = await startS3(testOptions(folder.path));
  const endpoint = s3.regions['euw1']?.url ?? '';
  const bucket = 'bucket-eu';
  const credentials = { accessKeyId: ADMIN.accessKeyId, secretAccessKey: ADMIN.secretAccessKey };
  const client = new S3Client({ endpoint, region: REGION, credentials, forcePathStyle: true });
  return {
    bucket,
    client,
    signer: { region: REGION, credentials, endpoint: s3Endpoint({ bucket, region: REGION, endpoint }) },
    stop: async () => {
      client.destroy();
      await s3.close();
      await folder.remove();
    },
  };
};
