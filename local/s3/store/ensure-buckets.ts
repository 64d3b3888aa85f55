import { randomBytes } from 'node:crypto';
import type { BucketOptions } from '../options.ts';
import type { BucketRecord, Entry } from './records.ts';
import type { Store } from './store.ts';

/** Makes the configured buckets be there, as configured. A notification rule that is new brings S3's test event. */
export async function ensureBuckets(store: Store, buckets: readonly BucketOptions[], now: number): Promise<void> {
  for (const { name, versioning, cors, notifications, lifecycle } of buckets) {
    const known = store.state.buckets.get(name)?.record;
    const record: BucketRecord = {
      name,
      createdAt: known?.createdAt ?? now,
      versioning: versioning ? 'enabled' : (known?.versioning ?? 'off'),
      cors,
      notifications,
      lifecycle,
      ...(known?.policy === undefined ? {} : { policy: known.policy }),
    };
    const fresh = notifications.filter(({ id }) => !known?.notifications.some((rule) => rule.id === id));
    await store.commit([{ op: 'bucket', bucket: record }, ...fresh.map(({ id }) => testEvent(store, name, id, now))]);
  }
}

type TestEvent = Extract<Entry, { op: 'event' }>;

/** S3's message to a queue that is to hear of a bucket from now on. */
export function testEvent(store: Store, bucket: string, ruleId: string, time: number): TestEvent {
  return {
    op: 'event',
    event: {
      id: randomBytes(12).toString('hex'),
      name: 'TestEvent',
      bucket,
      ruleId,
      key: '',
      size: null,
      etag: null,
      versionId: null,
      sequencer: store.nextSequencer(),
      time,
      requestId: randomBytes(8).toString('hex').toUpperCase(),
      hostId: randomBytes(42).toString('base64'),
      principal: 'AWS:s3',
      sourceIp: '127.0.0.1',
    },
  };
}
