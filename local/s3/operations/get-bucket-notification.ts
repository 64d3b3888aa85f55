import { type Operation, XML_TYPE } from '../http/call.ts';
import { branch, leaf, xmlDocument } from '../xml.ts';
import { findBucket, requireMay } from './find-bucket.ts';

/** GetBucketNotificationConfiguration: the queues that hear of this bucket; nothing when there are none. */
export const getBucketNotification: Operation = async (call) => {
  const { notifications } = findBucket(call).record;
  requireMay(call, 's3:GetBucketNotification');
  const filterRule = (name: string, value: string): string =>
    value === '' ? '' : branch('FilterRule', leaf('Name', name), leaf('Value', value));
  const queues = notifications.map(({ id, queueUrl, events, prefix, suffix }) => {
    const filter = filterRule('Prefix', prefix) + filterRule('Suffix', suffix);
    return branch(
      'QueueConfiguration',
      leaf('Id', id),
      leaf('Queue', queueArn(call.region, queueUrl)),
      ...events.map((event) => leaf('Event', event)),
      filter === '' ? '' : branch('Filter', branch('S3Key', filter)),
    );
  });
  return { status: 200, headers: XML_TYPE, body: xmlDocument('NotificationConfiguration', ...queues) };
};

/** The ARN of a queue whose URL is `http://host/account/name`. */
function queueArn(region: string, queueUrl: string): string {
  const [, account = '', name = ''] = new URL(queueUrl).pathname.split('/');
  return `arn:aws:sqs:${region}:${account}:${name}`;
}
