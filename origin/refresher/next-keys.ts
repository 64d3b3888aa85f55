import type { IssuerEntry } from '../../core/contract/issuer-entry.ts';
import type { ProblemFault } from '../../core/contract/problems.ts';
import type { FetchedKeySet } from '../../core/contract/registry.ts';
import { acceptKeySet } from '../../core/identity/fetched-keys.ts';
import { isJsonObject } from '../../core/identity/json-bytes.ts';
import { lintKeySet } from '../../core/identity/key-hygiene.ts';
import type { KeyCopy } from '../../core/identity/parse-keys.ts';
import { nextPauseMs } from './next-try.ts';

/** An entry whose keys are fetched. */
export type FetchedEntry = IssuerEntry & { readonly keys: { readonly jwksUri: string } };

/** What a provider gave: bytes, or why there are none. */
export type ProviderAnswer =
  | { readonly ok: true; readonly bytes: Uint8Array }
  | { readonly ok: false; readonly reason: string };

/** An issuer's next copy, and what became of the answer. */
export type NextCopy = {
  readonly copy: FetchedKeySet;
  /** `ok`, or a sentence for the log. */
  readonly result: string;
  /** Keys of the answer that were left out, and why. */
  readonly warnings: readonly ProblemFault[];
  /** Whether the provider, who had keys, now publishes none of those we knew: every token out there has lost its key. */
  readonly withdrawn: boolean;
};

const isKeySet = (bytes: Uint8Array): boolean => {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return isJsonObject(value) && Array.isArray(value['keys']);
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
};

const isoTime = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());

const ownCopy = (jwksUri: string, known: KeyCopy | undefined): KeyCopy | undefined =>
  known?.jwksUri === jwksUri ? known : undefined;

/** The copy that stays because nothing better came. One that does not say it is from this address is not this provider's. */
export const keptCopy = (
  jwksUri: string,
  known: KeyCopy | undefined,
  status: FetchedKeySet['status'],
): FetchedKeySet => {
  const own = ownCopy(jwksUri, known);
  const triedAt = isoTime(own?.triedAtMs ?? null);
  const nextTryAt = isoTime(own?.nextTryAtMs ?? null);
  return {
    jwks: { keys: (own?.keys ?? []).filter(isJsonObject) },
    fetchedAt: isoTime(own?.fetchedAtMs ?? null),
    status,
    jwksUri,
    ...(triedAt === null ? {} : { triedAt }),
    ...(nextTryAt === null ? {} : { nextTryAt }),
  };
};

/**
 * The copy after a provider's answer: a good set replaces it; a bad answer never does, it only says how the copy stands. `random` in
 * [0, 1) spreads the next try of a provider that fails.
 */
export const nextCopy = (
  entry: FetchedEntry,
  known: KeyCopy | undefined,
  answer: ProviderAnswer,
  at: { readonly nowMs: number; readonly random: number },
): NextCopy => {
  const { jwksUri } = entry.keys;
  const own = ownCopy(jwksUri, known);
  const thumbprintsOf = (keys: readonly unknown[]): readonly string[] =>
    lintKeySet(keys, entry.algorithms).keys.map(({ thumbprint }) => thumbprint);
  const times = (answered: boolean) => ({
    triedAt: new Date(at.nowMs).toISOString(),
    nextTryAt: new Date(at.nowMs + nextPauseMs(own, answered, at.random)).toISOString(),
  });
  const kept = (status: FetchedKeySet['status'], answered: boolean): FetchedKeySet => ({
    ...keptCopy(jwksUri, known, status),
    ...times(answered),
  });

  if (!answer.ok) return { copy: kept('failing', false), result: answer.reason, warnings: [], withdrawn: false };
  const accepted = acceptKeySet(answer.bytes, entry);
  const before = thumbprintsOf(own?.keys ?? []);
  if (!accepted.ok) {
    const answered = isKeySet(answer.bytes);
    const copy = kept(answered ? 'withdrawn' : 'failing', answered);
    const withdrawn = answered && before.length > 0;
    return { copy, result: accepted.fault, warnings: accepted.warnings, withdrawn };
  }
  const after = thumbprintsOf(accepted.keys);
  return {
    copy: {
      jwks: { keys: accepted.keys },
      fetchedAt: new Date(at.nowMs).toISOString(),
      status: 'ok',
      jwksUri,
      ...times(true),
    },
    result: 'ok',
    warnings: accepted.warnings,
    withdrawn: before.length > 0 && !after.some((thumbprint) => before.includes(thumbprint)),
  };
};
