import type { RegistryDocumentName } from '../contract/registry.ts';

/** What one conditional GET of a registry document gives; anything else is thrown. */
export type FetchedDocument =
  | { readonly status: 'ok'; readonly body: string; readonly etag: string }
  | { readonly status: 'unchanged' };

/** Reads a document from one Region's registry bucket, with `If-None-Match` if an ETag is given. Throws on every failure. */
export type FetchDocument = (
  regionCode: string,
  name: RegistryDocumentName,
  etag: string | null,
  timeoutMs: number,
) => Promise<FetchedDocument>;

export type RegistryDocumentDeps<Document> = {
  readonly name: RegistryDocumentName;
  readonly fetchDocument: FetchDocument;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Parses the body; throws with every fault if it cannot be used. */
  readonly parse: (body: string) => Document;
  /** Whether a version means the same in every Region; if not, each Region counts for itself. */
  readonly versionIsGlobal: boolean;
};

/** A document and where it stands. */
export type HeldDocument<Document> = {
  readonly document: Document;
  readonly region: string;
  readonly etag: string;
  /** When the GET was sent that last confirmed it; milliseconds since 1970. */
  readonly confirmedAtMs: number;
};

export type RegistryDocument<Document> = {
  held(): HeldDocument<Document> | null;
  /** Asks these Regions, one after the other, within `budgetMs`. Throws if none gave a usable document that is not older than the held one. */
  refresh(budgetMs: number, regions: readonly string[]): Promise<void>;
};

const within = async <Value>(promise: Promise<Value>, timeoutMs: number): Promise<Value> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
};

/** Keeps one registry document: conditional GETs, versions that never go back, and answers that overtake each other ignored. */
export const createRegistryDocument = <Document extends { readonly version: number }>(
  deps: RegistryDocumentDeps<Document>,
): RegistryDocument<Document> => {
  let current: HeldDocument<Document> | null = null;
  let sent = 0;
  let applied = 0;
  const floors = new Map<string, number>();
  const floorOf = (region: string): number => floors.get(deps.versionIsGlobal ? '' : region) ?? 0;

  const take = (region: string, etag: string, body: string, order: number, confirmedAtMs: number): void => {
    const document = deps.parse(body);
    if (document.version < floorOf(region)) {
      throw new Error(`${deps.name} ${document.version} of ${region} is older than ${floorOf(region)}`);
    }
    if (order < applied) return;
    floors.set(deps.versionIsGlobal ? '' : region, document.version);
    current = { document, region, etag, confirmedAtMs };
    applied = order;
  };

  const ask = async (region: string, timeoutMs: number): Promise<void> => {
    sent += 1;
    const order = sent;
    const sentAtMs = deps.now();
    const etag = current?.region === region ? current.etag : null;
    const answer = await within(deps.fetchDocument(region, deps.name, etag, timeoutMs), timeoutMs);
    if (answer.status === 'ok') return take(region, answer.etag, answer.body, order, sentAtMs);
    if (etag === null) throw new Error(`${deps.name} of ${region} is unchanged, but nothing is held`);
    if (order < applied || current?.region !== region || current.etag !== etag) return;
    current = { ...current, confirmedAtMs: sentAtMs };
    applied = order;
  };

  return {
    held: () => current,
    refresh: async (budgetMs, regions) => {
      const endsAtMs = deps.now() + budgetMs;
      const failures: unknown[] = [];
      for (const [index, region] of regions.entries()) {
        const timeoutMs = Math.floor((endsAtMs - deps.now()) / (regions.length - index));
        if (timeoutMs < 1) break;
        try {
          return await ask(region, Math.min(timeoutMs, budgetMs));
        } catch (cause) {
          failures.push(cause);
        }
      }
      throw new AggregateError(failures, `${deps.name} could not be read: ${failures.map(String).join('; ')}`);
    },
  };
};
