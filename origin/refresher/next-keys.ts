import type { IssuerEntry } from '../../core/contract/issuer-entry.ts';
import type { FetchedKeySet } from '../../core/contract/registry.ts';
import { acceptKeySet } from '../../core/identity/fetched-keys.ts';
import { isJsonObject } from '../../core/identity/json-bytes.ts';
import type { KeyCopy } from '../../core/identity/parse-keys.ts';

/** What a provider gave: bytes, or why there are none. */
export type ProviderAnswer =
  | { readonly ok: true; readonly bytes: Uint8Array }
  | { readonly ok: false; readonly reason: string };

/** An issuer's next copy, and what became of the answer: `ok`, or a sentence for the log. */
export type NextCopy = { readonly copy: FetchedKeySet; readonly result: string };

const isKeySet = (bytes: Uint8Array): boolean => {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return isJsonObject(value) && Array.isArray(value['keys']);
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
};

/** The copy that stays because nothing better came; one fetched from another address is not this provider's. */
export const keptCopy = (
  jwksUri: string,
  known: KeyCopy | undefined,
  status: 'failing' | 'withdrawn',
): FetchedKeySet => {
  const own = known !== undefined && (known.jwksUri === null || known.jwksUri === jwksUri) ? known : undefined;
  return {
    jwks: { keys: (own?.keys ?? []).filter(isJsonObject) },
    fetchedAt: own === undefined || own.fetchedAtMs === null ? null : new Date(own.fetchedAtMs).toISOString(),
    status,
    jwksUri,
  };
};

/** A good set replaces the copy; a bad answer never does: it only says how the copy stands. */
export const nextCopy = (
  entry: IssuerEntry & { readonly keys: { readonly jwksUri: string } },
  known: KeyCopy | undefined,
  answer: ProviderAnswer,
  at: string,
): NextCopy => {
  const { jwksUri } = entry.keys;
  if (!answer.ok) return { copy: keptCopy(jwksUri, known, 'failing'), result: answer.reason };
  const accepted = acceptKeySet(answer.bytes, entry);
  if (accepted.ok)
    return { copy: { jwks: { keys: accepted.keys }, fetchedAt: at, status: 'ok', jwksUri }, result: 'ok' };
  const status = isKeySet(answer.bytes) ? 'withdrawn' : 'failing';
  return { copy: keptCopy(jwksUri, known, status), result: accepted.fault };
};
