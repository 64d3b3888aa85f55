import type { PartGrant } from '../../core/contract/records.ts';
import { ContentError } from '../errors.ts';

export type PartGrantsDeps = {
  /** Grants that came with the upload itself. */
  readonly first: readonly PartGrant[];
  /** Numbers still to be sent, in order. */
  readonly missing: () => Iterable<number>;
  /** Asks the gateway for the URLs of these parts. */
  readonly sign: (numbers: readonly number[]) => Promise<readonly PartGrant[]>;
  /** How many to ask for at once. */
  readonly pageSize: number;
  /** The next page is fetched when fewer than this many are left that nobody took. */
  readonly ahead: number;
};

/** URLs of parts, fetched page by page as they are needed. */
export type PartGrants = {
  readonly take: (number: number) => Promise<PartGrant>;
  /** The part is stored; its URL is needed no more. */
  readonly forget: (number: number) => void;
  /** Drops a grant that S3 no longer takes, and all that were signed with it or before. */
  readonly expire: (grant: PartGrant) => void;
};

/** Holds the grants of one upload. However many ask at once, one page is fetched at a time. */
export const createPartGrants = (deps: PartGrantsDeps): PartGrants => {
  const held = new Map<number, { readonly grant: PartGrant; readonly page: number }>();
  const untaken = new Set<number>();
  let page = 0;
  let fetching: Promise<void> | undefined;
  const hold = (grants: readonly PartGrant[]) => {
    page++;
    for (const grant of grants) {
      held.set(grant.number, { grant, page });
      untaken.add(grant.number);
    }
  };
  const drop = (number: number) => {
    held.delete(number);
    untaken.delete(number);
  };
  hold(deps.first);

  const nextPage = (wanted: readonly number[]): number[] => {
    const numbers = new Set(wanted);
    for (const other of deps.missing()) {
      if (numbers.size >= deps.pageSize) break;
      if (!held.has(other)) numbers.add(other);
    }
    return [...numbers].sort((a, b) => a - b);
  };
  const fetchPage = (wanted: readonly number[]): Promise<void> => {
    const work = async () => {
      const numbers = nextPage(wanted);
      if (numbers.length > 0) hold(await deps.sign(numbers));
      for (const number of wanted) {
        if (!held.has(number))
          throw new ContentError(`the gateway did not sign part ${number}, which it was asked for`);
      }
    };
    fetching ??= work().finally(() => {
      fetching = undefined;
    });
    return fetching;
  };
  /** What goes wrong ahead of need is met again, and then told, when the part is needed. */
  const fetchAhead = () => {
    if (untaken.size < deps.ahead && fetching === undefined) fetchPage([]).catch(() => undefined);
  };

  return {
    take: async (number) => {
      for (;;) {
        const found = held.get(number);
        if (found !== undefined) {
          untaken.delete(number);
          fetchAhead();
          return found.grant;
        }
        await fetchPage([number]);
      }
    },
    forget: drop,
    expire: (grant) => {
      const last = held.get(grant.number);
      if (last?.grant !== grant) return;
      for (const [number, { page: of }] of held) if (of <= last.page) drop(number);
    },
  };
};
