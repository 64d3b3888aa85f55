import { expect, test } from 'vitest';
import type { EventRecord } from '../store/records.ts';
import { encodeEventKey, eventMessage } from './event-message.ts';

const event: EventRecord = {
  id: '1',
  name: 'ObjectCreated:Put',
  bucket: 'bucket-eu',
  ruleId: 'events',
  key: 'u/acme/a b+ü.txt',
  size: 1024,
  etag: 'd41d8cd98f00b204e9800998ecf8427e',
  versionId: '096fKKXTRTtl3on89fVO.nfljtsv6qko',
  sequencer: '0055AED6DCD90281E5',
  time: 1_700_000_000_123,
  requestId: 'C3D13FE58DE4C810',
  hostId: 'FMyUVURIY8/IgAtTv8xRjskZQpcIZ9KG4V5Wp6S7S/JRWeUWerMUE5JgHvANOjpD',
  principal: 'AWS:gate',
  sourceIp: '127.0.0.1',
};

test('a creation is told as AWS tells it, member for member', () => {
  expect(eventMessage(event, 'eu-west-1', '000000000000')).toBe(
    '{"Records":[{"eventVersion":"2.1","eventSource":"aws:s3","awsRegion":"eu-west-1","eventTime":"2023-11-14T22:13:20.123Z","eventName":"ObjectCreated:Put","userIdentity":{"principalId":"AWS:gate"},"requestParameters":{"sourceIPAddress":"127.0.0.1"},"responseElements":{"x-amz-request-id":"C3D13FE58DE4C810","x-amz-id-2":"FMyUVURIY8/IgAtTv8xRjskZQpcIZ9KG4V5Wp6S7S/JRWeUWerMUE5JgHvANOjpD"},"s3":{"s3SchemaVersion":"1.0","configurationId":"events","bucket":{"name":"bucket-eu","ownerIdentity":{"principalId":"A000000000000"},"arn":"arn:aws:s3:::bucket-eu"},"object":{"key":"u/acme/a+b%2B%C3%BC.txt","size":1024,"eTag":"d41d8cd98f00b204e9800998ecf8427e","versionId":"096fKKXTRTtl3on89fVO.nfljtsv6qko","sequencer":"0055AED6DCD90281E5"}}}]}',
  );
});

test('a removal has neither size nor ETag', () => {
  const message: unknown = JSON.parse(
    eventMessage({ ...event, name: 'ObjectRemoved:Delete', size: null, etag: null }, 'eu-west-1', '000000000000'),
  );
  expect(message).toMatchObject({ Records: [{ eventName: 'ObjectRemoved:Delete' }] });
  expect(JSON.stringify(message)).not.toMatch(/"size"|"eTag"/);
});

test('the test event has no Records', () => {
  expect(JSON.parse(eventMessage({ ...event, name: 'TestEvent' }, 'eu-west-1', '000000000000'))).toEqual({
    Service: 'Amazon S3',
    Event: 's3:TestEvent',
    Time: '2023-11-14T22:13:20.123Z',
    Bucket: 'bucket-eu',
    RequestId: event.requestId,
    HostId: event.hostId,
  });
});

test.each([
  ['a b', 'a+b'],
  ['a+b', 'a%2Bb'],
  ['u/x/y', 'u/x/y'],
  ['a%20b', 'a%2520b'],
  ["(1)'!~*.-_", '%281%29%27%21%7E*.-_'],
])('key %s is %s in an event', (key, encoded) => {
  expect(encodeEventKey(key)).toBe(encoded);
});
