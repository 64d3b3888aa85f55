import { randomBytes } from 'node:crypto';
import type { NotificationRule } from '../options.ts';
import type { BucketRecord, Entry, EventName, Version } from '../store/records.ts';

/** Who and what brought an event about. */
export interface EventSource {
  /** Milliseconds since the epoch by the platform's clock. */
  readonly time: number;
  readonly requestId: string;
  readonly hostId: string;
  readonly principal: string;
  readonly sourceIp: string;
}

/** The events owed for one change of a key: one for each notification rule of the bucket that wants it. */
export function eventsFor(
  name: EventName,
  bucket: BucketRecord,
  key: string,
  version: Version,
  source: EventSource,
): Entry[] {
  return bucket.notifications
    .filter((rule) => wants(rule, name, key))
    .map((rule) => ({
      op: 'event',
      event: {
        id: randomBytes(12).toString('hex'),
        name,
        bucket: bucket.name,
        ruleId: rule.id,
        key,
        size: version.kind === 'object' ? version.size : null,
        etag: etagOf(name, version),
        versionId: version.versionId === 'null' ? null : version.versionId,
        sequencer: version.sequencer,
        ...source,
      },
    }));
}

const EMPTY_MD5 = 'd41d8cd98f00b204e9800998ecf8427e';

/** S3 gives a new delete marker the ETag of nothing, and a removed version none. */
function etagOf(name: EventName, version: Version): string | null {
  if (version.kind === 'object') return version.etag;
  return name === 'ObjectRemoved:DeleteMarkerCreated' ? EMPTY_MD5 : null;
}

function wants(rule: NotificationRule, name: EventName, key: string): boolean {
  if (!key.startsWith(rule.prefix) || !key.endsWith(rule.suffix)) return false;
  const full = `s3:${name}`;
  return rule.events.some((event) => (event.endsWith('*') ? full.startsWith(event.slice(0, -1)) : event === full));
}
