import type { IssuerEntry } from '../contract/issuer-entry.ts';
import { KEY_SET } from '../contract/limits.ts';
import type { ProblemFault } from '../contract/problems.ts';
import { isJsonObject, type JsonObject, readJsonObject } from './json-bytes.ts';
import { type LintedKeySet, lintKeySet } from './key-hygiene.ts';
import { weakModulus } from './weak-modulus.ts';

export type AcceptedKeySet =
  | {
      readonly ok: true;
      /** At least one; public members only, ready for `keys.json`. */
      readonly keys: readonly JsonObject[];
      readonly warnings: readonly ProblemFault[];
    }
  | { readonly ok: false; readonly fault: string; readonly warnings: readonly ProblemFault[] };

const SHAPE = { maxDepth: 6, maxMembers: 2_000 };

const refuse = (fault: string, warnings: readonly ProblemFault[] = []): AcceptedKeySet => ({
  ok: false,
  fault,
  warnings,
});

/** Without the RSA keys whose modulus anybody can factor; that costs milliseconds, so it is done where keys are taken in. */
const withoutWeakModuli = (keys: readonly unknown[], linted: LintedKeySet): LintedKeySet => {
  const warnings: ProblemFault[] = [];
  const kept = linted.keys.filter(({ jwk }) => {
    const message = jwk['kty'] === 'RSA' ? weakModulus(String(jwk['n'])) : null;
    const index = keys.findIndex((key) => isJsonObject(key) && key['kid'] === jwk['kid']);
    if (message !== null) warnings.push({ path: `/keys/${index}/n`, message });
    return message === null;
  });
  return { keys: kept, warnings: [...linted.warnings, ...warnings] };
};

/**
 * Whether a provider's answer may replace the copy of its key set: at most 64 KiB, a JSON object with `keys`, and at least one
 * key that passes hygiene for this entry. Weak keys are left out with a warning. Never throws.
 */
export const acceptKeySet = (bytes: Uint8Array, entry: Pick<IssuerEntry, 'algorithms'>): AcceptedKeySet => {
  if (bytes.length > KEY_SET.maxBytes) return refuse(`the key set has more than ${KEY_SET.maxBytes} bytes`);
  const read = readJsonObject(bytes, SHAPE);
  if (!read.ok) return refuse(`the key set is not a usable JSON object (${read.fault})`);
  const keys: unknown = read.value['keys'];
  if (!Array.isArray(keys)) return refuse('the key set has no array "keys"');
  const linted = withoutWeakModuli(keys, lintKeySet(keys, entry.algorithms));
  if (linted.keys.length === 0) return refuse('the key set has no usable key', linted.warnings);
  return { ok: true, keys: linted.keys.map(({ jwk }) => jwk), warnings: linted.warnings };
};
