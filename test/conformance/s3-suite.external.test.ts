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
  'is listed while it is open, by prefix and in pages': {
    reason:
      'it refuses the NextUploadIdMarker that it gave. ListMultipartUploads: the value to use for the next request',
  },
  'of a key that has several is listed in the order they were begun': {
    reason: 'it refuses its own upload ids as markers. ListMultipartUploads: sorted by initiation time within a key',
  },
  'answers the same completion again': {
    reason: 'the second answer lacks the version. CompleteMultipartUpload: x-amz-version-id is the version created',
  },
  'lets one of many If-None-Match completions win': {
    reason: 'several may win. Conditional writes: the first to finish succeeds, the others fail',
    sometimes: true,
  },
  'counts from its beginning: a version begun later stays the current one': {
    reason:
      'the last to finish is current. Multipart upload overview: the upload that started most recently takes precedence',
  },
  'names the part that is too small, and leaves the upload open': {
    reason: 'it names none. Error responses: EntityTooSmall comes with PartNumber and ETag in a completion',
  },
  'are told by GetObjectAttributes, part by part where they make up the object’s': {
    reason: 'it refuses a list with spaces behind its commas. RFC 9110, 5.6.1: optional whitespace',
  },
  'are told by GetObjectAttributes, of the whole object where they are its own': {
    reason: 'it refuses a list with spaces behind its commas. RFC 9110, 5.6.1: optional whitespace',
  },
  'tells what is asked and nothing else': {
    reason: 'it refuses a list with spaces behind its commas. RFC 9110, 5.6.1: optional whitespace',
  },
  'a gap in the numbers where parts have checksums': {
    reason: 'it takes it. Checking object integrity: nonconsecutive numbers are HTTP 500 Internal Server Error',
  },
  'with a range without an end is no part': {
    reason: 'it takes bytes=0-. UploadPartCopy: the range has to be of the form bytes=first-last',
  },
  'of a source that is not there is no part': {
    reason: '404 NoSuchVersion, though no version was named. Error responses: NoSuchKey is 404',
  },
  'puts the name of the file where a field asks for it': {
    reason: 'it leaves the placeholder as it is. POST Object: it is replaced by the name of the file in every field',
  },
  'ignores what stands behind the file': {
    reason: 'it wants conditions for it. POST Object: any fields below the file are ignored',
  },
  'with another access key stores nothing': {
    reason: '404 XAdminUserNotFound. Error responses: InvalidAccessKeyId is 403',
  },
  'with a session token nobody issued stores nothing': {
    reason: 'it knows no session tokens. Error responses: InvalidToken is 400',
  },
  'whose end is missing is MalformedPOSTRequest': {
    reason: '500 InternalError. Error responses: MalformedPOSTRequest is 400',
  },
  'looks at its source first': {
    reason: '304 for x-amz-copy-source-if-none-match. CopyObject: 412 Precondition Failed',
  },
  'tells only of what failed when it is to be quiet': {
    reason: 'it tells all. DeleteObjects: in quiet mode the response includes only keys where the delete failed',
  },
  'with S3’s keys is confirmed wherever it was asked': {
    reason: 'it does not tell. PutObject: x-amz-server-side-encryption is the algorithm used',
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
