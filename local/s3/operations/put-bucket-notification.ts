import { randomBytes } from 'node:crypto';
import { readXmlBody } from '../body/read-xml-body.ts';
import { fault, notImplemented } from '../errors.ts';
import type { Call, Operation } from '../http/call.ts';
import type { NotificationRule } from '../options.ts';
import { testEvent } from '../store/ensure-buckets.ts';
import type { Entry } from '../store/records.ts';
import { nodes, parseXml, texts, type XmlNode } from '../xml.ts';
import { findBucket, requireMay } from './find-bucket.ts';
import { argument } from './list-page.ts';

/** Families of events this S3 can tell of; `*` stands for all of one. */
const EVENTS: ReadonlySet<string> = new Set([
  's3:ObjectCreated:*',
  's3:ObjectCreated:Put',
  's3:ObjectCreated:Post',
  's3:ObjectCreated:Copy',
  's3:ObjectCreated:CompleteMultipartUpload',
  's3:ObjectRemoved:*',
  's3:ObjectRemoved:Delete',
  's3:ObjectRemoved:DeleteMarkerCreated',
  's3:LifecycleExpiration:*',
  's3:LifecycleExpiration:Delete',
  's3:LifecycleExpiration:DeleteMarkerCreated',
]);

/**
 * PutBucketNotificationConfiguration: the queues named here, and no others, hear of the bucket. A new one is sent S3's
 * test event, and has to take it; told to skip that, S3 sends it afterwards like any event.
 */
export const putBucketNotification: Operation = async (call) => {
  findBucket(call);
  requireMay(call, 's3:PutBucketNotification');
  const root = parseXml(await readXmlBody(call), 'NotificationConfiguration');
  for (const name of Object.keys(root)) {
    if (name !== 'QueueConfiguration' && name !== '#text') throw notImplemented(`${name} in a notification`);
  }
  const notifications = nodes(root, 'QueueConfiguration').map((node) => readRule(call, node));
  if (new Set(notifications.map(({ id }) => id)).size < notifications.length) {
    throw fault('InvalidArgument', { message: 'Same ID used for multiple configurations. IDs must be unique' });
  }
  const skip = call.header('x-amz-skip-destination-validation')?.toLowerCase() === 'true';
  const known = new Set(findBucket(call).record.notifications.map(({ id }) => id));
  const owed: Entry[] = [];
  for (const { id, queueUrl } of notifications.filter((rule) => !known.has(rule.id))) {
    const test = testEvent(call.store, call.bucket, id, call.now());
    if (skip) owed.push(test);
    else if (!(await call.sendNow(queueUrl, test.event))) throw unreachable(queueUrl);
  }
  await call.store.commit([{ op: 'bucket', bucket: { ...findBucket(call).record, notifications } }, ...owed]);
  return { status: 200, headers: {} };
};

function readRule(call: Call, node: XmlNode): NotificationRule {
  const [id = randomBytes(12).toString('base64url')] = texts(node, 'Id');
  const [arn = ''] = texts(node, 'Queue');
  const events = texts(node, 'Event');
  if (events.length === 0) throw fault('MalformedXML');
  const unknown = events.find((event) => !EVENTS.has(event));
  if (unknown !== undefined) throw argument('Event', unknown, 'The event is not supported for notifications');
  return { id, queueUrl: urlOf(call, arn), events, ...readFilter(node) };
}

function readFilter(node: XmlNode): { prefix: string; suffix: string } {
  const filter = { prefix: '', suffix: '' };
  const [key] = nodes(nodes(node, 'Filter')[0] ?? {}, 'S3Key');
  for (const rule of nodes(key ?? {}, 'FilterRule')) {
    const name = texts(rule, 'Name')[0]?.toLowerCase();
    if (name !== 'prefix' && name !== 'suffix') {
      throw argument('FilterRule', name ?? '', 'filter rule name must be either prefix or suffix');
    }
    filter[name] = texts(rule, 'Value')[0] ?? '';
  }
  return filter;
}

/** A queue of this Region and account, where its endpoint is. */
function urlOf({ region, account, sqsEndpoint }: Call, arn: string): string {
  const [, name] = /^arn:aws:sqs:[a-z0-9-]+:\d{12}:([A-Za-z0-9_.-]{1,80})$/.exec(arn) ?? [];
  if (name === undefined) throw argument('Queue', arn, 'The ARN is not well formed');
  if (sqsEndpoint === null || !arn.startsWith(`arn:aws:sqs:${region}:${account}:`)) throw unreachable(arn);
  return `${sqsEndpoint}/${account}/${name}`;
}

const unreachable = (queue: string) =>
  fault('InvalidArgument', {
    message: 'Unable to validate the following destination configurations',
    details: { ArgumentName: queue, ArgumentValue: 'The destination queue does not exist' },
  });
