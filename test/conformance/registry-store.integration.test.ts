import { randomUUID } from 'node:crypto';
import { CreateBucketCommand, PutBucketVersioningCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openRegion } from '../../cli/issuers/deployment/clients.ts';
import { writeShown, writeUrgent } from '../../cli/issuers/registry/change-registry.ts';
import type { ConvergeDeps } from '../../cli/issuers/registry/converge.ts';
import { toRevocations, uniteRevocations } from '../../cli/issuers/registry/revocation-list.ts';
import { survey } from '../../cli/issuers/registry/survey.ts';
import { registryStoreSuite } from '../../cli/issuers/store/registry-store.suite.ts';
import { createS3Store } from '../../cli/issuers/store/s3-store.ts';
import { cellNames, LOCAL_ACCOUNT } from '../../core/config/names.ts';
import { regionByCode } from '../../core/config/regions.ts';
import { NO_REVOCATIONS, REGISTRY_KEYS } from '../../core/contract/registry.ts';
import { type S3, startS3 } from '../../local/s3/start.ts';
import { ADMIN, temporaryFolder, testBucket, testOptions, testRegion } from '../../local/s3/testing/platform.ts';

const CODES = ['euw1', 'use1', 'apse2'];
const AT = '2026-11-21T00:00:00.000Z';
const { signal } = new AbortController();
const credentials = { accessKeyId: ADMIN.accessKeyId, secretAccessKey: ADMIN.secretAccessKey };

let s3: S3;
const cellOf = (code: string, env: string) => ({ env, account: LOCAL_ACCOUNT, region: regionByCode(code)?.name ?? '' });
const urlOf = (code: string): string => s3.regions[code]?.url ?? '';
const clientOf = (code: string): S3Client =>
  new S3Client({
    region: cellOf(code, 'a').region,
    endpoint: urlOf(code),
    forcePathStyle: true,
    credentials,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    maxAttempts: 1,
  });

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
const ends: (() => void)[] = [];
beforeAll(async () => {
  folder = await temporaryFolder();
  const regions = CODES.map((code) => testRegion(code, cellOf(code, 'a').region, [testBucket(`bucket-${code}`)]));
  s3 = await startS3(testOptions(folder.path, { regions }));
});
afterAll(async () => {
  for (const end of ends) end();
  await s3.close();
  await folder.remove();
});

const makeBucket = async (code: string, bucket: string): Promise<void> => {
  const client = clientOf(code);
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  await client.send(new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration: { Status: 'Enabled' } }));
  client.destroy();
};

registryStoreSuite('the registry store on S3', async () => {
  const bucket = `registry-${randomUUID()}`;
  await makeBucket('euw1', bucket);
  const client = clientOf('euw1');
  ends.push(() => client.destroy());
  return createS3Store({ client, bucket, signal });
});

/** Three Regions with empty registry buckets of their own. */
const threeRegions = async (): Promise<ConvergeDeps> => {
  const env = `t${randomUUID().replaceAll('-', '').slice(0, 10)}`;
  const regions = await Promise.all(
    CODES.map(async (code) => {
      const cell = cellOf(code, env);
      await makeBucket(code, cellNames(cell).registryBucket);
      const { region, close } = openRegion({ code, cell, signal, s3: urlOf(code), sqs: urlOf(code), credentials });
      ends.push(close);
      return region;
    }),
  );
  return { regions, now: Date.now, pause: async () => undefined };
};

const bodies = (deps: ConvergeDeps): Promise<readonly (string | undefined)[]> =>
  Promise.all(deps.regions.map(async ({ store }) => (await store.read(REGISTRY_KEYS.policy))?.body));

describe('publishing over S3', () => {
  it('lets one of two publishers win in every Region, and tells the other', async () => {
    const deps = await threeRegions();
    const shown = await survey(deps.regions);
    const outcomes = await Promise.all(
      ['anna', 'bert'].map((who) =>
        writeShown(deps, shown, {
          content: { issuers: [{ id: who }], drain: [], revocations: NO_REVOCATIONS },
          note: { action: 'publish', who, reason: null, diff: [] },
        }),
      ),
    );
    expect(outcomes.map(({ kind }) => kind).sort()).toEqual(['done', 'overtaken']);
    const winner = outcomes[0]?.kind === 'done' ? 'anna' : 'bert';
    const [first, ...others] = await bodies(deps);
    expect(JSON.parse(first ?? '{}')).toMatchObject({ version: 1, publishedBy: winner, issuers: [{ id: winner }] });
    for (const other of others) expect(other).toBe(first);
  });

  it('loses no revocation of many at once, and counts every change', async () => {
    const deps = await threeRegions();
    const names = ['a', 'b', 'c', 'd', 'e'];
    const outcomes = await Promise.all(
      names.map((subject) =>
        writeUrgent(deps, 'otto', (merged) => {
          const item = { issuer: 'acme', subject, at: AT, reason: 'test' };
          const revocations = uniteRevocations(merged.revocations, toRevocations([{ list: 'subjects', item }]));
          const note = { action: 'revoke', who: 'otto', reason: subject, diff: [] } as const;
          return { content: { issuers: [], drain: [], revocations }, note };
        }),
      ),
    );
    expect(outcomes.every(({ kind }) => kind === 'done')).toBe(true);
    for (const body of await bodies(deps)) {
      const policy = JSON.parse(body ?? '{}') as { version: number; revocations: { subjects: { subject: string }[] } };
      expect(policy.version).toBeGreaterThanOrEqual(names.length);
      expect(policy.revocations.subjects.map(({ subject }) => subject).sort()).toEqual(names);
    }
  });
});
