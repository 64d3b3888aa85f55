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
  readonly pageSize: () => number;
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
  let page = 0;
  let fetching: Promise<void> | undefined;
  const hold = (grants: readonly PartGrant[]) => {
    page++;
    for (const grant of grants) held.set(grant.number, { grant, page });
  };
  hold(deps.first);

  const nextPage = (number: number): number[] => {
    const numbers = [number];
    for (const other of deps.missing()) {
      if (numbers.length >= deps.pageSize()) break;
      if (other !== number && !held.has(other)) numbers.push(other);
    }
    return numbers.sort((a, b) => a - b);
  };
  const fetchPage = async (number: number): Promise<void> => {
    hold(await deps.sign(nextPage(number)));
    if (!held.has(number)) throw new ContentError(`the gateway signed other parts than the one asked for (${number})`);
  };

  return {
    take: async (number) => {
      for (;;) {
        const found = held.get(number);
        if (found !== undefined) return found.grant;
        fetching ??= fetchPage(number).finally(() => {
          fetching = undefined;
        });
        await fetching;
      }
    },
    forget: (number) => {
      held.delete(number);
    },
    expire: (grant) => {
      const last = held.get(grant.number);
      if (last?.grant !== grant) return;
      for (const [number, { page: of }] of held) if (of <= last.page) held.delete(number);
    },
  };
};
