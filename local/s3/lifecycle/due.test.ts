import { describe, expect, test } from 'vitest';
import type { LifecycleRule } from '../options.ts';
import type { Upload, Version } from '../store/records.ts';
import { applyEntry, createState } from '../store/state.ts';
import { abortsAt, dueActions } from './due.ts';

const RULE: LifecycleRule = {
  id: 'r',
  enabled: true,
  prefix: 'u/',
  abortIncompleteDays: null,
  expirationDays: null,
  noncurrentDays: null,
  loneDeleteMarkers: false,
};
const at = (text: string): number => Date.parse(text);
const upload = (key: string, initiatedAt: number): Upload => ({
  id: `id of ${key}`,
  key,
  initiatedAt,
  sequencer: '1',
  headers: {},
  metadata: {},
  checksum: { algorithm: 'crc64nvme', type: 'FULL_OBJECT', declared: false },
  initiator: 'test',
});
const object = (versionId: string, lastModified: number, sequencer: string): Version => ({
  kind: 'object',
  versionId,
  lastModified,
  sequencer,
  size: 0,
  etag: '',
  file: versionId,
  headers: {},
  metadata: {},
  checksum: { algorithm: 'crc64nvme', value: '' },
});
const marker = (versionId: string, lastModified: number, sequencer: string): Version => ({
  kind: 'marker',
  versionId,
  lastModified,
  sequencer,
});

function bucketWith(
  lifecycle: readonly LifecycleRule[],
  versions: readonly Version[],
  uploads: readonly Upload[] = [],
) {
  const state = createState();
  const bucket = { name: 'b', createdAt: 0, versioning: 'enabled', cors: [], notifications: [], lifecycle } as const;
  applyEntry(state, { op: 'bucket', bucket });
  for (const version of versions) applyEntry(state, { op: 'put', bucket: 'b', key: 'u/k', version });
  for (const one of uploads) applyEntry(state, { op: 'upload', bucket: 'b', upload: one });
  const found = state.buckets.get('b');
  if (!found) throw new Error('no bucket');
  return (now: string) => [...dueActions(found, at(now))];
}

describe('an unfinished upload', () => {
  const begun = upload('u/k', at('2030-05-01T10:00:00Z'));

  test('ends at the midnight after its days, by the rule that ends it first', () => {
    const week = { ...RULE, id: 'week', abortIncompleteDays: 7 };
    const day = { ...RULE, id: 'day', abortIncompleteDays: 1 };
    expect(abortsAt([week, day], begun)).toEqual({ at: at('2030-05-03T00:00:00Z'), rule: day });
    expect(abortsAt([week], begun)).toEqual({ at: at('2030-05-09T00:00:00Z'), rule: week });
  });

  test('at midnight ends exactly its days later', () => {
    const day = { ...RULE, abortIncompleteDays: 1 };
    expect(abortsAt([day], upload('u/k', at('2030-05-01T00:00:00Z')))?.at).toBe(at('2030-05-02T00:00:00Z'));
  });

  test('is left alone by rules that are off, for other keys, or of other things', () => {
    const one = { ...RULE, abortIncompleteDays: 1 };
    expect(abortsAt([{ ...one, enabled: false }, { ...one, prefix: 'v/' }, RULE], begun)).toBeNull();
  });

  test('is due from that moment on', () => {
    const due = bucketWith([{ ...RULE, abortIncompleteDays: 1 }], [], [begun]);
    expect(due('2030-05-02T23:59:59.999Z')).toEqual([]);
    expect(due('2030-05-03T00:00:00Z')).toEqual([{ act: 'abort', key: 'u/k', uploadId: 'id of u/k' }]);
  });
});

describe('a version', () => {
  const old = object('old', at('2030-05-01T10:00:00Z'), '1');

  test('that is current expires', () => {
    const due = bucketWith([{ ...RULE, expirationDays: 1 }], [old]);
    expect(due('2030-05-02T12:00:00Z')).toEqual([]);
    expect(due('2030-05-03T00:00:00Z')).toEqual([{ act: 'expire', key: 'u/k' }]);
  });

  test('that is not current counts its days from what came after it', () => {
    const due = bucketWith([{ ...RULE, noncurrentDays: 1 }], [old, object('new', at('2030-05-05T10:00:00Z'), '2')]);
    expect(due('2030-05-06T23:00:00Z')).toEqual([]);
    expect(due('2030-05-07T00:00:00Z')).toEqual([{ act: 'remove', key: 'u/k', versionId: 'old' }]);
  });

  test('that is a marker is removed when nothing is under it', () => {
    const rule = { ...RULE, loneDeleteMarkers: true };
    const gone = marker('gone', at('2030-05-05T10:00:00Z'), '2');
    expect(bucketWith([rule], [gone])('2030-05-05T10:00:01Z')).toEqual([
      { act: 'remove', key: 'u/k', versionId: 'gone' },
    ]);
    expect(bucketWith([rule], [old, gone])('2030-06-01T00:00:00Z')).toEqual([]);
  });

  test('stays where no rule speaks of it', () => {
    const all = { ...RULE, expirationDays: 1, noncurrentDays: 1, loneDeleteMarkers: true, prefix: 'v/' };
    expect(bucketWith([all], [old])('2040-01-01T00:00:00Z')).toEqual([]);
  });
});
