/** Does `work` with every item, at most `limit` at a time; gives the results in the order of the items. */
export const atMost = async <Item, Result>(
  limit: number,
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<readonly Result[]> => {
  const results: Promise<Result>[] = [];
  const waiting = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of waiting) {
      const result = work(item);
      results[index] = result;
      await result;
    }
  };
  await Promise.all(Array.from({ length: limit }, worker));
  return Promise.all(results);
};
