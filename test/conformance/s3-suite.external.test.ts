import { CreateBucketCommand, PutBucketVersioningCommand } from '@aws-sdk/client-s3';
import { afterAll } from 'vitest';
import { clientOf } from '../../local/s3/suite/requests.ts';
import { type Differences, s3Suite } from '../../local/s3/suite/s3.suite.ts';
import { startVersitygw, type Versitygw } from './versitygw.fixture.ts';

/** Where versitygw 1.7 is not S3. AWS's documents decide; all other claims hold on both servers. */
const DIFFERENCES: Differences = {
  'is refused with another access key': {
    reason: '404 XAdminUserNotFound. Error responses: InvalidAccessKeyId is 403',
  },
  'is refused with a session token nobody issued': {
    reason: 'it knows no session tokens. Error responses: InvalidToken is 400',
  },
  'keeps odd keys apart': {
    reason: 'keys are paths of a file system. Object key naming: every byte of a key counts',
  },
  'lets one of many If-None-Match writers win': {
    reason: 'several writers may win. Conditional writes: the first to finish succeeds, the others fail',
    sometimes: true,
  },
  'let If-None-Match write over a delete marker': {
    reason: 'it answers 412. Conditional writes: it succeeds when the current version is a delete marker',
  },
  'pages in the order of UTF-8 bytes': {
    reason: 'a key cannot be the folder of another. Object key naming: the data model is flat',
  },
};

let server: Versitygw | undefined;
afterAll(async () => {
  await server?.stop();
});

s3Suite(
  'versitygw',
  async () => {
    server = await startVersitygw('eu-west-1');
    const target = { ...server, bucket: 'conformance' };
    const client = clientOf(target, 'WHEN_REQUIRED');
    await client.send(new CreateBucketCommand({ Bucket: target.bucket }));
    const VersioningConfiguration = { Status: 'Enabled' } as const;
    await client.send(new PutBucketVersioningCommand({ Bucket: target.bucket, VersioningConfiguration }));
    client.destroy();
    return target;
  },
  DIFFERENCES,
);
