import type { HeldPart, PartStore } from '../objects/part-store.ts';
import type { Subject } from '../record/facts.ts';
import type { CallOptions } from '../store/record-store.ts';

/** Numbers one page of ListParts covers. Source: "ListParts" (Amazon S3 API), `max-parts`. */
const PAGE = 1_000;

/** Every part after `after` up to `last`, and all beyond if this is the last range. S3 may give less than a page at a time. */
const listRange = async (
  parts: PartStore,
  subject: Subject,
  uploadId: string,
  range: { readonly after: number; readonly last: number },
  options: CallOptions,
): Promise<HeldPart[] | null> => {
  const held: HeldPart[] = [];
  let after: number | null = range.after;
  while (after !== null && after < range.last) {
    const page = await parts.listParts(subject, uploadId, after, options);
    if (page === null) return null;
    held.push(...page.parts.filter(({ number }) => number <= range.last));
    // A page that does not move on would be asked for ever.
    after = page.next !== null && page.next > after ? page.next : null;
  }
  return held;
};

/**
 * Every part S3 holds of an upload, in order. Because the plan says which numbers there can be, all pages are asked for at
 * once. `null`: S3 has no such upload open.
 */
export const listHeld = async (
  parts: PartStore,
  subject: Subject,
  uploadId: string,
  planned: number,
  options: CallOptions,
): Promise<readonly HeldPart[] | null> => {
  const pages = Math.ceil(planned / PAGE);
  const ranges = Array.from({ length: pages }, (_, index) => ({
    after: index * PAGE,
    last: index === pages - 1 ? Number.POSITIVE_INFINITY : (index + 1) * PAGE,
  }));
  const found = await Promise.all(ranges.map((range) => listRange(parts, subject, uploadId, range, options)));
  return found.some((held) => held === null) ? null : found.flatMap((held) => held ?? []);
};
