import type { LifecycleRule } from '../options.ts';
import type { Upload, Version } from '../store/records.ts';
import type { BucketState } from '../store/state.ts';

const DAY_MS = 86_400_000;

/** What a lifecycle rule wants done now. */
export type DueAction =
  | { readonly act: 'abort'; readonly key: string; readonly uploadId: string }
  | { readonly act: 'expire'; readonly key: string }
  | { readonly act: 'remove'; readonly key: string; readonly versionId: string };

/** When and by which rule an unfinished upload ends; null: never. */
export function abortsAt(
  rules: readonly LifecycleRule[],
  { key, initiatedAt }: Upload,
): { readonly at: number; readonly rule: LifecycleRule } | null {
  let first: { at: number; rule: LifecycleRule } | null = null;
  for (const rule of rulesFor(rules, key)) {
    if (rule.abortIncompleteDays === null) continue;
    const at = daysAfter(initiatedAt, rule.abortIncompleteDays);
    if (!first || at < first.at) first = { at, rule };
  }
  return first;
}

/** Everything that the rules of a bucket want done at `now`. */
export function* dueActions({ record, keys, uploads }: BucketState, now: number): Generator<DueAction> {
  if (!record.lifecycle.some(({ enabled }) => enabled)) return;
  for (const { upload } of uploads.values()) {
    const due = abortsAt(record.lifecycle, upload);
    if (due && due.at <= now) yield { act: 'abort', key: upload.key, uploadId: upload.id };
  }
  for (const [key, versions] of keys) {
    for (const rule of rulesFor(record.lifecycle, key)) {
      const action = dueOf(rule, key, versions, now);
      if (!action) continue;
      yield action;
      break;
    }
  }
}

function dueOf(rule: LifecycleRule, key: string, versions: readonly Version[], now: number): DueAction | null {
  const isDue = (since: number | undefined, days: number | null): boolean =>
    since !== undefined && days !== null && daysAfter(since, days) <= now;
  const [current, ...older] = versions;
  if (current?.kind === 'object' && isDue(current.lastModified, rule.expirationDays)) return { act: 'expire', key };
  if (current?.kind === 'marker' && older.length === 0 && rule.loneDeleteMarkers) {
    return { act: 'remove', key, versionId: current.versionId };
  }
  for (const [at, { versionId }] of older.entries()) {
    if (isDue(versions[at]?.lastModified, rule.noncurrentDays)) return { act: 'remove', key, versionId };
  }
  return null;
}

function rulesFor(rules: readonly LifecycleRule[], key: string): readonly LifecycleRule[] {
  return rules.filter(({ enabled, prefix }) => enabled && key.startsWith(prefix));
}

/** Days are rounded up to the next midnight UTC. Source: Amazon S3 user guide, "Lifecycle rules: based on an object's age". */
function daysAfter(time: number, days: number): number {
  return Math.ceil((time + days * DAY_MS) / DAY_MS) * DAY_MS;
}
