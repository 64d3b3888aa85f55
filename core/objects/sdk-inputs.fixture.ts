import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import fc from 'fast-check';

/** Random input that both the AWS SDK's signers and ours take. */

const REGIONS = [
  'us-east-1',
  'us-west-2',
  'eu-west-1',
  'eu-central-2',
  'ap-southeast-2',
  'sa-east-1',
  'il-central-1',
  'mx-central-1',
];
const DOT_SEGMENT = /(^|\/)\.\.?(\/|$)/;

export const key = fc
  .string({
    unit: fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom(..."aZ09-_.~/ +%?#&=é日😀!'()*@:,;$") },
      { weight: 1, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }) },
    ),
    minLength: 1,
    maxLength: 60,
  })
  .filter((text) => !DOT_SEGMENT.test(text));
export const printable = fc.stringMatching(/^[\x21-\x7e][\x20-\x7e]{0,60}$/);
export const credentials = fc.record(
  {
    accessKeyId: fc.stringMatching(/^[A-Z0-9]{16,20}$/),
    secretAccessKey: fc.stringMatching(/^[A-Za-z0-9/+]{20,40}$/),
    sessionToken: fc.stringMatching(/^[A-Za-z0-9/+]{1,200}={0,2}$/),
  },
  { requiredKeys: ['accessKeyId', 'secretAccessKey'] },
);
export const region = fc.constantFrom(...REGIONS);
export const now = fc.integer({ min: Date.UTC(2000, 0, 1), max: Date.UTC(2099, 0, 1) });
export const expiresIn = fc.integer({ min: 1, max: 604_800 });
export const metadata = fc.dictionary(fc.stringMatching(/^[a-z][a-z0-9_.-]{0,15}$/), printable, { maxKeys: 4 });
const place = fc.constantFrom(
  { bucket: 'uploads' },
  { bucket: 'up.loads' },
  { bucket: 'uploads', endpoint: 'http://127.0.0.1:9000' },
  { bucket: 'uploads', endpoint: 'https://s3.test/base' },
);
export const common = { key, credentials, region, now, expiresIn, place };

export const clientFor = (config: S3ClientConfig, { endpoint }: { endpoint?: string }): S3Client =>
  new S3Client({
    ...config,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
  });
