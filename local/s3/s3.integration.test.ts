import { afterAll } from 'vitest';
import { type S3, startS3 } from './start.ts';
import { s3Suite } from './suite/s3.suite.ts';
import { ADMIN, temporaryFolder, testOptions } from './testing/platform.ts';

let s3: S3 | undefined;
let folder: Awaited<ReturnType<typeof temporaryFolder>> | undefined;
afterAll(async () => {
  await s3?.close();
  await folder?.remove();
});

s3Suite('the local S3', async () => {
  folder = await temporaryFolder();
  s3 = await startS3(testOptions(folder.path));
  return {
    endpoint: s3.regions['euw1']?.url ?? '',
    region: 'eu-west-1',
    bucket: 'bucket-eu',
    credentials: { accessKeyId: ADMIN.accessKeyId, secretAccessKey: ADMIN.secretAccessKey },
  };
});
