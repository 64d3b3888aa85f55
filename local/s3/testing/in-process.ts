import type { S3Client } from '@aws-sdk/client-s3';
import type { Credential } from '../../support/credentials.ts';
import type { S3Options } from '../options.ts';
import { type S3, startS3 } from '../start.ts';
import { clientOf, type S3Target } from '../suite/requests.ts';
import { ADMIN, temporaryFolder, testOptions } from './platform.ts';

/** An S3 in the test's own process, in a folder of its own. */
export interface InProcess {
  readonly s3: S3;
  /** Folder of the Region's data files. */
  readonly dataFiles: string;
  readonly targetOf: (credential?: Credential) => S3Target;
  /** A client that adds no checksums. */
  readonly as: (credential?: Credential) => S3Client;
  readonly close: () => Promise<void>;
}

/** Starts it with the bucket `bucket-eu` of `eu-west-1`, unless told otherwise. */
export async function openInProcess(more: Partial<S3Options> = {}): Promise<InProcess> {
  const folder = await temporaryFolder();
  const s3 = await startS3(testOptions(folder.path, more));
  const clients: S3Client[] = [];
  const targetOf = ({ accessKeyId, secretAccessKey, sessionToken }: Credential = ADMIN): S3Target => ({
    endpoint: s3.regions['euw1']?.url ?? '',
    region: 'eu-west-1',
    bucket: 'bucket-eu',
    credentials: { accessKeyId, secretAccessKey, ...(sessionToken === null ? {} : { sessionToken }) },
  });
  return {
    s3,
    dataFiles: `${folder.path}/euw1/data`,
    targetOf,
    as(credential) {
      const client = clientOf(targetOf(credential), 'WHEN_REQUIRED');
      clients.push(client);
      return client;
    },
    async close() {
      for (const client of clients) client.destroy();
      await s3.close();
      await folder.remove();
    },
  };
}
