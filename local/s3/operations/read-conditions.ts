import { fault, S3Error } from '../errors.ts';
import type { Call } from '../http/call.ts';
import type { ObjectVersion } from '../store/records.ts';

/** If-Match, If-None-Match, If-Modified-Since and If-Unmodified-Since of a read; 412 or 304. Source: RFC 9110 §13.2.2, as S3 follows it. */
export function checkReadConditions(
  header: Call['header'],
  version: ObjectVersion,
  notModifiedHeaders: Readonly<Record<string, string>>,
): void {
  const ifMatch = header('if-match');
  const unmodifiedSince = seconds(header('if-unmodified-since'));
  if (ifMatch !== undefined) {
    if (!matchesEtag(ifMatch, version.etag)) throw fault('PreconditionFailed', { details: { Condition: 'If-Match' } });
  } else if (unmodifiedSince !== null && version.lastModified > unmodifiedSince) {
    throw fault('PreconditionFailed', { details: { Condition: 'If-Unmodified-Since' } });
  }
  const ifNoneMatch = header('if-none-match');
  const modifiedSince = seconds(header('if-modified-since'));
  const same =
    ifNoneMatch !== undefined
      ? matchesEtag(ifNoneMatch, version.etag)
      : modifiedSince !== null && version.lastModified <= modifiedSince;
  if (same) throw new S3Error('NotModified', 304, 'Not Modified', {}, notModifiedHeaders);
}

/** Whether a list of entity tags (quotes optional, as S3 takes them) names this one. */
export function matchesEtag(list: string, etag: string): boolean {
  return list.split(',').some((item) => {
    const tag = item
      .trim()
      .replace(/^W\//, '')
      .replace(/^"(.*)"$/, '$1');
    return tag === '*' || tag === etag;
  });
}

function seconds(date: string | undefined): number | null {
  const time = Date.parse(date ?? '');
  return Number.isFinite(time) ? time : null;
}
