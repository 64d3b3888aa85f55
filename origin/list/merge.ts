/** Something with a place in the time line of its owner. */
export type Placed = { readonly position: string };

/** One bounded read: items newest first, and whether older ones may follow. */
export type Strand<Item extends Placed> = { readonly items: readonly Item[]; readonly more: boolean };

export type Merged<Item> = {
  readonly items: readonly Item[];
  /** Where the next page begins; `null`: there is nothing older. */
  readonly next: string | null;
};

/** Below this position a strand that has more may hold items nobody has read yet. */
const horizonOf = <Item extends Placed>(strands: readonly Strand<Item>[]): string =>
  strands
    .filter((strand) => strand.more)
    .map((strand) => strand.items.at(-1)?.position ?? '')
    .reduce((latest, position) => (position > latest ? position : latest), '');

/**
 * Merges bounded reads, newest first, into at most `limit` items that `wanted` takes. Nothing is left out and nothing comes twice: the walk
 * stops at the newest position behind which some strand has not been read, and the next page begins there, so a page may be short.
 */
export const mergeStrands = <Item extends Placed>(
  strands: readonly Strand<Item>[],
  limit: number,
  wanted: (item: Item) => boolean,
): Merged<Item> => {
  const horizon = horizonOf(strands);
  const all = strands
    .flatMap((strand) => strand.items)
    .filter((item) => item.position >= horizon)
    .sort((a, b) => (a.position < b.position ? 1 : a.position > b.position ? -1 : 0));
  const items: Item[] = [];
  for (const [index, item] of all.entries()) {
    if (!wanted(item)) continue;
    items.push(item);
    if (items.length === limit && index < all.length - 1) return { items, next: item.position };
    if (items.length === limit) break;
  }
  return { items, next: horizon === '' ? null : horizon };
};
