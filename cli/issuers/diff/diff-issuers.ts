import { type IssuerEntry, parseIssuerEntry } from '../../../core/contract/issuer-entry.ts';
import { isJsonObject } from '../../../core/identity/json-bytes.ts';
import { diffEntry } from './diff-entry.ts';
import { type Change, type Difference, narrows, neutral, widens } from './difference.ts';
import { claimPath, inWords, regionName, size, span } from './words.ts';

/** Everything a reviewer must know of an issuer that was not there before. */
const describeNew = (entry: IssuerEntry): readonly Change[] => {
  const { limits, claims } = entry;
  const facts = [
    `tokens of ${JSON.stringify(entry.issuer)} for ${inWords(entry.audiences.map((audience) => JSON.stringify(audience)))} are accepted`,
    `signed with ${inWords(entry.algorithms)}, keys from ${entry.keys.jwksUri ?? 'the entry itself'}, up to ${span(entry.maxTokenAgeSeconds)} old`,
    `uploads belong to their ${entry.ownership} (subject ${claimPath(claims.subject)}, tenant ${claimPath(claims.tenant)})`,
    `may write to ${inWords(limits.regions.map(regionName))}: ${size(limits.minBytes)} to ${size(limits.maxBytes)} of ${inWords(limits.types)}`,
  ];
  return entry.status === 'active'
    ? facts.map((fact, index) => widens(index === 0 ? `is new: ${fact}` : fact))
    : [neutral('is new and disabled: nobody comes in')];
};

type Known =
  | { readonly kind: 'entry'; readonly id: string; readonly entry: IssuerEntry }
  | { readonly kind: 'faulty'; readonly id: string };

const readKnown = (raw: unknown, index: number): Known => {
  const parsed = parseIssuerEntry(raw);
  if (parsed.ok) return { kind: 'entry', id: parsed.entry.id, entry: parsed.entry };
  const id = isJsonObject(raw) && typeof raw['id'] === 'string' ? raw['id'] : `entry ${index}`;
  return { kind: 'faulty', id };
};

const diffOne = (known: Known | undefined, entry: IssuerEntry): readonly Change[] => {
  if (known === undefined) return describeNew(entry);
  if (known.kind === 'entry') return diffEntry(known.entry, entry);
  return [widens('what is published cannot be read and lets nobody in; this entry does'), ...describeNew(entry)];
};

/**
 * What publishing `next` instead of `live` (raw, as stored) changes, in words. An entry is the same issuer if its id is the same, or if
 * its issuer string is and its old id is gone: then its id changed.
 */
export const diffIssuers = (live: readonly unknown[], next: readonly IssuerEntry[]): readonly Difference[] => {
  const known = live.map(readKnown);
  const taken = new Set<Known>();
  const forerunnerOf = (entry: IssuerEntry): Known | undefined => {
    const sameId = known.find(({ id }) => id === entry.id);
    const renamed = known.find(
      (one) =>
        one.kind === 'entry' && one.entry.issuer === entry.issuer && !next.some((other) => other.id === one.entry.id),
    );
    return sameId ?? renamed;
  };
  const changes = next.flatMap((entry) => {
    const before = forerunnerOf(entry);
    if (before !== undefined) taken.add(before);
    return diffOne(before, entry).map((change) => ({ issuer: entry.id, ...change }));
  });
  const gone = known.filter((one) => !taken.has(one));
  const removed = gone.map(({ id }) => ({
    issuer: id,
    ...narrows('is removed: all its tokens are refused, and nobody reaches what it stored'),
  }));
  return [...changes, ...removed];
};
