import type { IssuerEntry } from '../contract/issuer-entry.ts';
import { KEYS_LIFE_MS } from '../contract/limits.ts';
import { findKey, type KeptKey } from './key-hygiene.ts';
import type { KeyCopy, Keys } from './parse-keys.ts';
import type { FaultyEntry, Policy } from './parse-policy.ts';
import { indexRevocations, type RevocationIndex } from './revocations.ts';

/** One issuer as the verifier sees it. */
export type RegisteredIssuer = {
  readonly entry: IssuerEntry;
  /** Its usable key of this kid, linted and imported on first use and then kept. */
  key(kid: string): KeptKey | undefined;
  /** Milliseconds since 1970 when the provider last gave this set; `null` for inline keys, or if it never did. */
  readonly keysFetchedAtMs: number | null;
  /** Milliseconds since 1970 when the provider was last asked, with whatever success; `null` for inline keys, or if it never was. */
  readonly keysTriedAtMs: number | null;
  /** Milliseconds since 1970 from which on these keys no longer serve; `Infinity` for inline keys. */
  readonly keysEndAtMs: number;
};

/** Both registry documents, ready for look-ups; read-only. */
export type Registry = {
  readonly policyVersion: number;
  readonly keysVersion: number;
  /** Milliseconds since 1970 when the refresher last found the policy not older than another Region's. */
  readonly checkedAtMs: number;
  /** By exact issuer string. */
  readonly issuers: ReadonlyMap<string, RegisteredIssuer>;
  /** By registry id. */
  readonly byId: ReadonlyMap<string, RegisteredIssuer>;
  readonly faulty: readonly FaultyEntry[];
  /** Codes of Regions that take no new uploads. */
  readonly drain: ReadonlySet<string>;
  readonly revocations: RevocationIndex;
};

type KeySource = Pick<RegisteredIssuer, 'keysFetchedAtMs' | 'keysTriedAtMs' | 'keysEndAtMs'> & {
  readonly keys: readonly unknown[];
};

const noKeys = (keysTriedAtMs: number | null): KeySource => ({
  keys: [],
  keysFetchedAtMs: null,
  keysTriedAtMs,
  keysEndAtMs: Number.NEGATIVE_INFINITY,
});

/** Inline keys are never overlaid, and a copy that was fetched from elsewhere is another provider's. */
const keySourceOf = (entry: IssuerEntry, copy: KeyCopy | undefined): KeySource => {
  if (entry.keys.jwks !== undefined) {
    return {
      keys: entry.keys.jwks.keys,
      keysFetchedAtMs: null,
      keysTriedAtMs: null,
      keysEndAtMs: Number.POSITIVE_INFINITY,
    };
  }
  if (copy === undefined || (copy.jwksUri !== null && copy.jwksUri !== entry.keys.jwksUri)) return noKeys(null);
  const { fetchedAtMs, triedAtMs } = copy;
  if (fetchedAtMs === null) return noKeys(triedAtMs);
  const lifeMs = entry.keyLifeSeconds === undefined ? KEYS_LIFE_MS : entry.keyLifeSeconds * 1_000;
  return {
    keys: copy.keys,
    keysFetchedAtMs: fetchedAtMs,
    keysTriedAtMs: triedAtMs,
    keysEndAtMs: fetchedAtMs + lifeMs,
  };
};

const registerIssuer = (entry: IssuerEntry, copy: KeyCopy | undefined): RegisteredIssuer => {
  const source = keySourceOf(entry, copy);
  const found = new Map<string, KeptKey>();
  return {
    entry,
    keysFetchedAtMs: source.keysFetchedAtMs,
    keysTriedAtMs: source.keysTriedAtMs,
    keysEndAtMs: source.keysEndAtMs,
    key: (kid) => {
      const known = found.get(kid) ?? findKey(source.keys, kid, entry.algorithms);
      if (known !== undefined) found.set(kid, known);
      return known;
    },
  };
};

/** Joins both documents. Keys are linted and imported one by one when first needed, so a thousand issuers cost no start-up time. */
export const buildRegistry = (policy: Policy, keys: Keys): Registry => {
  const registered = policy.entries.map((entry) => registerIssuer(entry, keys.copies.get(entry.id)));
  return {
    policyVersion: policy.version,
    keysVersion: keys.version,
    checkedAtMs: keys.checkedAtMs,
    issuers: new Map(registered.map((issuer) => [issuer.entry.issuer, issuer])),
    byId: new Map(registered.map((issuer) => [issuer.entry.id, issuer])),
    faulty: policy.faulty,
    drain: new Set(policy.drain),
    revocations: indexRevocations(policy.revocations),
  };
};
