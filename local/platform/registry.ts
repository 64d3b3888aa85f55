import { S3Client } from '@aws-sdk/client-s3';
import { cellNames } from '../../core/config/names.ts';
import { readEntries, testEntries } from '../issuers/entries.ts';
import { publishPolicy } from '../issuers/publish.ts';
import { CELLS } from './cells.ts';
import { type Endpoints, urlsOf } from './endpoints.ts';
import type { SavedKeys } from './role-credentials.ts';
import { StartRefused } from './taken.ts';

/** What came of publishing at a start. */
export interface PublishedRegistry {
  /** A sentence for the person at the terminal when an operator's own registry stands in the way, else null. */
  readonly notice: string | null;
  /** Ids of the entries that `--issuers` names: publishing a folder does not take them away. */
  readonly addedIssuers: readonly string[];
}

/** Publishes the test issuers, and the entries in the folder `issuers`, to every Region. */
export async function publishRegistry(options: {
  readonly issuerUrl: string;
  readonly issuers: string | null;
  readonly endpoints: Endpoints;
  readonly admin: SavedKeys;
}): Promise<PublishedRegistry> {
  const added = options.issuers === null ? { entries: [], faults: [] } : readEntries(options.issuers);
  if (added.faults.length > 0) throw new StartRefused(`--issuers cannot be used:\n  ${added.faults.join('\n  ')}`);
  const codes = CELLS.map(({ code }) => code);
  const entries = [...testEntries(options.issuerUrl, codes), ...added.entries];
  const { accessKeyId, secretAccessKey } = options.admin;
  const places = CELLS.map((cell) => ({
    bucket: cellNames(cell).registryBucket,
    client: new S3Client({
      region: cell.region,
      endpoint: urlsOf(options.endpoints, cell).s3,
      forcePathStyle: true,
      credentials: { accessKeyId, secretAccessKey },
    }),
  }));
  const { issuers } = await publishPolicy(entries, places, Date.now());
  for (const { client } of places) client.destroy();
  const published = new Set(issuers.map((entry) => JSON.stringify(entry)));
  const missing = added.entries.filter((entry) => !published.has(JSON.stringify(entry))).map(({ id }) => id);
  return { notice: noticeOf(missing, options.issuers ?? ''), addedIssuers: added.entries.map(({ id }) => id) };
}

function noticeOf(missing: readonly string[], folder: string): string | null {
  if (missing.length === 0) return null;
  return `The registry on this data was published by an operator and is kept as it is; of ${folder}, ${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} not in it. Publish (npx nearput issuers publish DIR), or start on another folder (--data DIR).`;
}
