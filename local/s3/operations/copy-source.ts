import { bytesToText, percentDecode } from '../../sigv4/percent.ts';
import { fault } from '../errors.ts';
import type { Call } from '../http/call.ts';
import type { ObjectVersion } from '../store/records.ts';
import { lookUpVersion } from './find-version.ts';
import { argument } from './list-page.ts';
import { matchesEtag } from './read-conditions.ts';

/** What a copy is made of. */
export interface CopySource {
  readonly bucket: string;
  readonly key: string;
  readonly version: ObjectVersion;
  /** Its bucket keeps versions. */
  readonly versioned: boolean;
}

/** The version `x-amz-copy-source` names, once the caller may read it and the `x-amz-copy-source-if-*` hold. */
export function findCopySource(call: Call): CopySource {
  const { bucket, key, versionId } = parseCopySource(call.header('x-amz-copy-source') ?? '');
  const state = call.store.state.buckets.get(bucket);
  if (!state) throw fault('NoSuchBucket', { details: { BucketName: bucket } });
  if (!call.may(versionId === null ? 's3:GetObject' : 's3:GetObjectVersion', key, bucket)) throw fault('AccessDenied');
  const version = lookUpVersion({
    ...call,
    bucket,
    key,
    query: new Map(versionId === null ? [] : [['versionId', versionId]]),
    may: (action, ofKey) => call.may(action, ofKey, bucket),
  });
  checkConditions(call.header, version);
  return { bucket, key, version, versioned: state.record.versioning !== 'off' };
}

/** `/bucket/key` or `bucket/key`, percent-encoded, with `?versionId=` behind it. */
function parseCopySource(header: string): { bucket: string; key: string; versionId: string | null } {
  const mark = header.indexOf('?versionId=');
  const path = mark < 0 ? header : header.slice(0, mark);
  const bytes = percentDecode(path.replace(/^\//, ''));
  const text = bytes === null ? null : bytesToText(bytes);
  const slash = text?.indexOf('/') ?? -1;
  if (text === null || slash < 1 || slash === text.length - 1) {
    throw argument('x-amz-copy-source', header, 'Invalid copy source object key');
  }
  return {
    bucket: text.slice(0, slash),
    key: text.slice(slash + 1),
    versionId: mark < 0 ? null : header.slice(mark + '?versionId='.length),
  };
}

function checkConditions(header: Call['header'], version: ObjectVersion): void {
  const time = (name: string): number => Date.parse(header(`x-amz-copy-source-${name}`) ?? '');
  const ifMatch = header('x-amz-copy-source-if-match');
  const ifNoneMatch = header('x-amz-copy-source-if-none-match');
  const failed =
    (ifMatch !== undefined && !matchesEtag(ifMatch, version.etag) && 'If-Match') ||
    (ifMatch === undefined && version.lastModified > time('if-unmodified-since') && 'If-Unmodified-Since') ||
    (ifNoneMatch !== undefined && matchesEtag(ifNoneMatch, version.etag) && 'If-None-Match') ||
    (ifNoneMatch === undefined && version.lastModified <= time('if-modified-since') && 'If-Modified-Since');
  if (failed) throw fault('PreconditionFailed', { details: { Condition: `x-amz-copy-source-${failed}` } });
}
