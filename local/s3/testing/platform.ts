import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Credential, Statement } from '../../support/credentials.ts';
import type { BucketOptions, RegionOptions, S3Options } from '../options.ts';

/** A credential for tests; `sessionToken` makes it a role's. */
export function testCredential(
  accessKeyId: string,
  statements: readonly Statement[] = [{ actions: ['*'], resources: ['*'] }],
  sessionToken: string | null = null,
): Credential {
  return {
    accessKeyId,
    secretAccessKey: `secret of ${accessKeyId}`,
    sessionToken,
    role: 'test',
    statements,
    expiresAt: null,
  };
}

export const ADMIN = testCredential('AKIAADMINADMINADMIN0');

/** A bucket that keeps versions. */
export function testBucket(name: string, more: Partial<BucketOptions> = {}): BucketOptions {
  return { name, versioning: true, cors: [], notifications: [], lifecycle: [], ...more };
}

export function testRegion(code: string, name: string, buckets: readonly BucketOptions[]): RegionOptions {
  return { code, name, port: 0, sqsEndpoint: null, buckets };
}

/** Options for an S3 in `dataDir` with one Region, `eu-west-1`, and one bucket, `bucket-eu`, unless told otherwise. */
export function testOptions(dataDir: string, more: Partial<S3Options> = {}): S3Options {
  return {
    account: '000000000000',
    dataDir,
    accessLog: null,
    clockOffsetSeconds: 0,
    credentials: [ADMIN],
    regions: [testRegion('euw1', 'eu-west-1', [testBucket('bucket-eu')])],
    events: { minDelayMs: 0, maxDelayMs: 5, duplicateRate: 0, resendWindowMs: 60_000 },
    eventSender: ADMIN,
    bodyIdleMs: 20_000,
    ...more,
  };
}

/** A folder of its own under the system's temporary one, and how to remove it. */
export async function temporaryFolder(): Promise<{ readonly path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'nearput-s3-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}
