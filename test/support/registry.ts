import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { type KeysDocument, type PolicyDocument, REGISTRY_KEYS } from '../../core/contract/registry.ts';
import { ask } from './gateway.ts';
import type { LocalJson, LocalRegion } from './platform.ts';

const clientOf = ({ admin }: LocalJson, { name, s3 }: LocalRegion): S3Client =>
  new S3Client({ region: name, endpoint: s3, forcePathStyle: true, credentials: admin });

const regionOf = (platform: LocalJson, code: string): LocalRegion => {
  const region = platform.regions[code];
  if (region === undefined) throw new Error(`the platform has no Region ${code}`);
  return region;
};

/** A registry document of a Region as it lies there, read with the platform's own credentials. */
const readDocument = async (platform: LocalJson, code: string, key: string): Promise<unknown> => {
  const region = regionOf(platform, code);
  const client = clientOf(platform, region);
  try {
    const { Body } = await client.send(new GetObjectCommand({ Bucket: region.registryBucket, Key: key }));
    return JSON.parse((await Body?.transformToString()) ?? '');
  } finally {
    client.destroy();
  }
};

/** A Region's policy. */
export const readPolicy = async (platform: LocalJson, code: string): Promise<PolicyDocument> =>
  (await readDocument(platform, code, REGISTRY_KEYS.policy)) as PolicyDocument;

/** A Region's copies of key sets. */
export const readKeys = async (platform: LocalJson, code: string): Promise<KeysDocument> =>
  (await readDocument(platform, code, REGISTRY_KEYS.keys)) as KeysDocument;

/** What a Region's audit log tells of one change. */
export type AuditRecord = {
  readonly action: string;
  readonly who: string;
  readonly reason: string | null;
  readonly version: number;
  readonly diff: readonly string[];
};

/** A Region's audit log, oldest first. */
export const readAudit = async (platform: LocalJson, code: string): Promise<readonly AuditRecord[]> => {
  const region = regionOf(platform, code);
  const client = clientOf(platform, region);
  const list = new ListObjectsV2Command({ Bucket: region.registryBucket, Prefix: REGISTRY_KEYS.auditPrefix });
  try {
    const { Contents = [] } = await client.send(list);
    const keys = Contents.map(({ Key }) => Key ?? '').sort();
    return await Promise.all(keys.map(async (key) => (await readDocument(platform, code, key)) as AuditRecord));
  } finally {
    client.destroy();
  }
};

/**
 * Writes a changed policy with the next version into Regions (all by default), without any lint: what an attacker or a mistake could leave
 * there. Gives the time of the last write in milliseconds since 1970.
 */
export const overwritePolicy = async (
  platform: LocalJson,
  change: (policy: PolicyDocument) => Partial<Record<keyof PolicyDocument, unknown>>,
  codes: readonly string[] = Object.keys(platform.regions),
): Promise<number> => {
  for (const code of codes) {
    const policy = await readPolicy(platform, code);
    const region = regionOf(platform, code);
    const client = clientOf(platform, region);
    const body = JSON.stringify({ ...policy, version: policy.version + 1, ...change(policy) });
    await client.send(new PutObjectCommand({ Bucket: region.registryBucket, Key: REGISTRY_KEYS.policy, Body: body }));
    client.destroy();
  }
  return Date.now();
};

/** Moves the platform's one clock to so many seconds ahead of the machine's. */
export const setClock = async (platform: LocalJson, offsetSeconds: number): Promise<void> => {
  const answer = await ask(`${platform.edge}/_local/clock`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ offsetSeconds }),
  });
  if (answer.status !== 200) throw new Error(`the clock answered ${answer.status}: ${answer.text}`);
};
