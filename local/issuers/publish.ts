import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { REGISTRY_KEYS } from '../../core/config/names.ts';
import type { IssuerEntry } from '../../core/contract/issuer-entry.ts';
import { NO_REVOCATIONS, type PolicyDocument } from '../../core/contract/registry.ts';

/** Who published what the platform wrote itself; anything else was published by an operator and is left alone. */
export const LOCAL_PUBLISHER = 'nearput-local';

/** A Region's registry bucket, and a client that may write it. */
export interface RegistryPlace {
  readonly bucket: string;
  readonly client: S3Client;
}

interface Found {
  readonly etag: string;
  readonly document: PolicyDocument;
}

/**
 * Brings every Region's `registry/policy.json` to `entries`. What is newest in any Region counts; the version rises only
 * when the entries differ; drained Regions and revocations are kept; a document that an operator published stays as it is
 * (and is copied to Regions that lag). Answers what is now published.
 */
export async function publishPolicy(
  entries: readonly IssuerEntry[],
  places: readonly RegistryPlace[],
  now: number,
): Promise<PolicyDocument> {
  const found = await Promise.all(places.map(readPolicy));
  const newest = found.reduce<PolicyDocument | null>(
    (best, it) => (it && it.document.version > (best?.version ?? 0) ? it.document : best),
    null,
  );
  const document = nextDocument(newest, entries, now);
  await Promise.all(places.map((place, index) => writePolicy(place, found[index] ?? null, document)));
  return document;
}

/** The document to publish after `newest`; the same when nothing is to be changed. */
export function nextDocument(
  newest: PolicyDocument | null,
  entries: readonly IssuerEntry[],
  now: number,
): PolicyDocument {
  if (newest && newest.publishedBy !== LOCAL_PUBLISHER) return newest;
  if (newest && JSON.stringify(newest.issuers) === JSON.stringify(entries)) return newest;
  return {
    schema: 1,
    version: (newest?.version ?? 0) + 1,
    publishedAt: new Date(now).toISOString(),
    publishedBy: LOCAL_PUBLISHER,
    issuers: entries,
    drain: newest?.drain ?? [],
    revocations: newest?.revocations ?? NO_REVOCATIONS,
  };
}

async function readPolicy({ bucket, client }: RegistryPlace): Promise<Found | null> {
  try {
    const answer = await client.send(new GetObjectCommand({ Bucket: bucket, Key: REGISTRY_KEYS.policy }));
    const text = (await answer.Body?.transformToString()) ?? '';
    return { etag: answer.ETag ?? '', document: JSON.parse(text) as PolicyDocument };
  } catch (error) {
    if (error instanceof Error && error.name === 'NoSuchKey') return null;
    throw error;
  }
}

async function writePolicy(
  { bucket, client }: RegistryPlace,
  found: Found | null,
  document: PolicyDocument,
): Promise<void> {
  if (found && found.document.version >= document.version) return;
  await client.send(
    new PutObjectCommand({
      Bucket: bucket,
      Key: REGISTRY_KEYS.policy,
      Body: JSON.stringify(document),
      ContentType: 'application/json',
      ...(found ? { IfMatch: found.etag } : { IfNoneMatch: '*' }),
    }),
  );
}
