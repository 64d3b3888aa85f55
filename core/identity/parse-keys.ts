import type { ProblemFault } from '../contract/problems.ts';
import type { FetchedKeySet, KeysDocument } from '../contract/registry.ts';
import { KEY_COPY_SHAPE, KEYS_SHAPE } from '../contract/registry-shapes.ts';
import { faultsOfShape } from '../contract/shape.ts';

/** One issuer's fetched key set, not yet linted. */
export type KeyCopy = {
  readonly keys: readonly unknown[];
  /** Milliseconds since 1970; `null` if the provider never gave a good set. */
  readonly fetchedAtMs: number | null;
  readonly status: string;
  /** Where it came from; `null` if the document does not say. */
  readonly jwksUri: string | null;
  /** Milliseconds since 1970 when the provider was last asked, and before which it is not asked again; `null` if unknown. */
  readonly triedAtMs: number | null;
  readonly nextTryAtMs: number | null;
};

/** `keys.json`, parsed. */
export type Keys = {
  readonly version: number;
  /** Milliseconds since 1970. */
  readonly checkedAtMs: number;
  /** By registry id. */
  readonly copies: ReadonlyMap<string, KeyCopy>;
  /** Ids whose copy cannot be read; they have no keys. */
  readonly faulty: readonly string[];
};

export type ParsedKeys =
  | { readonly ok: true; readonly keys: Keys }
  | { readonly ok: false; readonly faults: readonly ProblemFault[] };

const timeOf = (text: string | null | undefined): number | null => (text ? Date.parse(text) : null);

/** Reads `keys.json` from parsed JSON; a faulty copy disables only its issuer. Never throws. */
export const parseKeys = (value: unknown): ParsedKeys => {
  const faults = faultsOfShape(KEYS_SHAPE, value);
  if (faults.length > 0) return { ok: false, faults };
  const document = value as KeysDocument;
  const copies = new Map<string, KeyCopy>();
  const faulty: string[] = [];
  for (const [id, raw] of Object.entries(document.keys)) {
    if (faultsOfShape(KEY_COPY_SHAPE, raw).length > 0) {
      faulty.push(id);
      continue;
    }
    const {
      jwks,
      fetchedAt,
      status,
      jwksUri,
      triedAt,
      nextTryAt,
    }: Partial<FetchedKeySet> & Pick<FetchedKeySet, 'jwks' | 'fetchedAt' | 'status'> = raw;
    copies.set(id, {
      keys: jwks.keys,
      fetchedAtMs: timeOf(fetchedAt),
      status,
      jwksUri: jwksUri ?? null,
      triedAtMs: timeOf(triedAt ?? fetchedAt),
      nextTryAtMs: timeOf(nextTryAt),
    });
  }
  const { version, checkedAt } = document;
  return { ok: true, keys: { version, checkedAtMs: Date.parse(checkedAt), copies, faulty } };
};
