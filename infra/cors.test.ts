import { describe, expect, it } from 'vitest';
import { cellNames } from '../core/config/names.ts';
import { ACCOUNT, one, synth } from './testing/templates.ts';

const names = cellNames({ env: 'prod', account: ACCOUNT, region: 'eu-west-1' });
const corsOf = (context: Record<string, string>) => {
  const cell = synth({ env: 'prod', account: ACCOUNT, regions: 'euw1', ...context }).get('nearput-prod-cell-euw1');
  const [, bucket] = one(
    cell ?? { Resources: {} },
    'AWS::S3::Bucket',
    ({ Properties }) => String(Properties['BucketName']) === names.bucket,
  );
  return bucket.Properties['CorsConfiguration'];
};

describe('CORS of the uploads bucket', () => {
  it('lets pages of the configured origins send every header of a grant, and read what S3 says of it', () => {
    expect(corsOf({ allowedOrigins: 'https://app.example,https://other.example' })).toEqual({
      CorsRules: [
        {
          AllowedOrigins: ['https://app.example', 'https://other.example'],
          AllowedMethods: ['PUT', 'POST', 'GET', 'HEAD'],
          AllowedHeaders: ['*'],
          ExposedHeaders: [
            'ETag',
            'x-amz-version-id',
            'x-amz-request-id',
            'x-amz-checksum-sha256',
            'x-amz-checksum-crc64nvme',
          ],
          MaxAge: 3_600,
        },
      ],
    });
  });

  it('is none where no origin is configured', () => {
    expect(corsOf({})).toBeUndefined();
  });
});
