import * as v from 'valibot';
import { pointerOf } from '../contract/parse-request.ts';
import type { ProblemFault } from '../contract/problems.ts';
import { FetchedKeySetSchema, KeysDocumentSchema } from '../contract/registry.ts';

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
  const result = v.safeParse(KeysDocumentSchema, value);
  if (!result.success) {
    return { ok: false, faults: result.issues.map((issue) => ({ path: pointerOf(issue), message: issue.message })) };
  }
  const copies = new Map<string, KeyCopy>();
  const faulty: string[] = [];
  for (const [id, raw] of Object.entries(result.output.keys)) {
    const copy = v.safeParse(FetchedKeySetSchema, raw);
    if (!copy.success) {
      faulty.push(id);
      continue;
    }
    const { jwks, fetchedAt, status, jwksUri, triedAt, nextTryAt } = copy.output;
    copies.set(id, {
      keys: jwks.keys,
      fetchedAtMs: timeOf(fetchedAt),
      status,
      jwksUri: jwksUri ?? null,
      triedAtMs: timeOf(triedAt ?? fetchedAt),
      nextTryAtMs: timeOf(nextTryAt),
    });
  }
  const { version, checkedAt } = result.output;
  return { ok: true, keys: { version, checkedAtMs: Date.parse(checkedAt), copies, faulty } };
};
