import type { EventRecord } from '../store/records.ts';

/**
 * The message S3 puts on a queue for one event, structure version 2.1, byte for byte as AWS orders its members.
 * Source: Amazon S3 user guide, "Event message structure".
 */
export function eventMessage(event: EventRecord, region: string, account: string): string {
  if (event.name === 'TestEvent') {
    return JSON.stringify({
      Service: 'Amazon S3',
      Event: 's3:TestEvent',
      Time: new Date(event.time).toISOString(),
      Bucket: event.bucket,
      RequestId: event.requestId,
      HostId: event.hostId,
    });
  }
  const record = {
    eventVersion: '2.1',
    eventSource: 'aws:s3',
    awsRegion: region,
    eventTime: new Date(event.time).toISOString(),
    eventName: event.name,
    userIdentity: { principalId: event.principal },
    requestParameters: { sourceIPAddress: event.sourceIp },
    responseElements: { 'x-amz-request-id': event.requestId, 'x-amz-id-2': event.hostId },
    s3: {
      s3SchemaVersion: '1.0',
      configurationId: event.ruleId,
      bucket: {
        name: event.bucket,
        ownerIdentity: { principalId: `A${account}` },
        arn: `arn:aws:s3:::${event.bucket}`,
      },
      object: {
        key: encodeEventKey(event.key),
        ...(event.size === null ? {} : { size: event.size }),
        ...(event.etag === null ? {} : { eTag: event.etag }),
        ...(event.versionId === null ? {} : { versionId: event.versionId }),
        sequencer: event.sequencer,
      },
    },
  };
  return JSON.stringify({ Records: [record] });
}

/** A key as events carry it: URL-encoded, `+` for a space, slashes as they are. */
export function encodeEventKey(key: string): string {
  return encodeURIComponent(key)
    .replace(/[!'()~]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+')
    .replaceAll('%2F', '/');
}
