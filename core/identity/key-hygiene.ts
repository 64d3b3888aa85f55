import type { KeyObject } from 'node:crypto';
import { type Algorithm, isIdentityText } from '../contract/issuer-words.ts';
import { KEY_SET } from '../contract/limits.ts';
import type { ProblemFault } from '../contract/problems.ts';
import { algorithmsOfKey } from './algorithms.ts';
import { isJsonObject, type JsonObject } from './json-bytes.ts';
import { PRIVATE_MEMBERS, PUBLIC_MEMBERS, readKeyMaterial } from './key-material.ts';
import { thumbprint } from './thumbprint.ts';

/** A public key that passed every check. */
export type KeptKey = {
  readonly kid: string;
  /** RFC 7638, SHA-256, base64url. */
  readonly thumbprint: string;
  /** What this key may verify: its type's algorithms that the issuer allows, narrowed by its own `alg`. */
  readonly algorithms: readonly Algorithm[];
  /** Public members only. */
  readonly jwk: JsonObject;
  readonly publicKey: KeyObject;
};

export type LintedKeySet = {
  readonly keys: readonly KeptKey[];
  /** One for each key left out; the path is a pointer into the key set. */
  readonly warnings: readonly ProblemFault[];
};

type Linted = { readonly key: KeptKey } | { readonly member: string; readonly message: string };

const usageFault = (jwk: JsonObject): { member: string; message: string } | null => {
  const { use, key_ops: operations } = jwk;
  if (use !== undefined && use !== 'sig')
    return { member: 'use', message: 'must be "sig": this key is not for signatures' };
  if (operations === undefined) return null;
  if (!Array.isArray(operations) || !operations.includes('verify')) {
    return { member: 'key_ops', message: 'must include "verify": this key is not for verifying' };
  }
  // Of several none may be there twice either (RFC 7517, 4.3).
  if (operations.length > 1) {
    return { member: 'key_ops', message: 'must be ["verify"] alone: a public key does nothing else here' };
  }
  return null;
};

const narrowAlgorithms = (jwk: JsonObject, allowed: readonly Algorithm[]): readonly Algorithm[] =>
  algorithmsOfKey(jwk['kty'], jwk['crv']).filter(
    (algorithm) => allowed.includes(algorithm) && (jwk['alg'] === undefined || jwk['alg'] === algorithm),
  );

const publicMembers = (jwk: JsonObject): JsonObject => {
  const names = ['kty', 'kid', 'use', 'key_ops', 'alg', ...(PUBLIC_MEMBERS[String(jwk['kty'])] ?? [])];
  return Object.fromEntries(names.filter((name) => jwk[name] !== undefined).map((name) => [name, jwk[name]]));
};

const lintKey = (jwk: unknown, allowed: readonly Algorithm[]): Linted => {
  if (!isJsonObject(jwk)) return { member: '', message: 'must be a JSON Web Key object' };
  const secret = PRIVATE_MEMBERS.find((name) => Object.hasOwn(jwk, name));
  if (secret !== undefined) {
    return { member: secret, message: 'is private: replace this key by a new one and publish only its public members' };
  }
  const { kid } = jwk;
  if (!isIdentityText(kid)) return { member: 'kid', message: 'must be a text of 1 to 255 characters without controls' };
  const usage = usageFault(jwk);
  if (usage !== null) return usage;
  const material = readKeyMaterial(jwk);
  if (!material.ok) return material;
  const algorithms = narrowAlgorithms(jwk, allowed);
  if (algorithms.length === 0) {
    return { member: 'alg', message: 'fits none of the algorithms that the issuer allows for this type of key' };
  }
  const kept = publicMembers(jwk);
  return { key: { kid, thumbprint: thumbprint(kept), algorithms, jwk: kept, publicKey: material.publicKey } };
};

/**
 * The one key of a set that has this kid and passes every check, as `lintKeySet` would keep it; `undefined` if there is none. Looks at
 * that key alone, so that what else an issuer publishes costs a token nothing. Never throws.
 */
export const findKey = (keys: readonly unknown[], kid: string, allowed: readonly Algorithm[]): KeptKey | undefined => {
  if (keys.length > KEY_SET.maxKeys) return undefined;
  const [key, ...others] = keys.filter((candidate) => isJsonObject(candidate) && candidate['kid'] === kid);
  if (key === undefined || others.length > 0) return undefined;
  const linted = lintKey(key, allowed);
  return 'key' in linted ? linted.key : undefined;
};

/**
 * Lints a key set for an issuer's algorithms: a weak, private, misfit or ambiguous key is left out with a warning, the others serve.
 * Of keys that share a kid none is kept, since one key must fit or none does; more than 16 keys keep none. Never throws.
 */
export const lintKeySet = (keys: readonly unknown[], allowed: readonly Algorithm[]): LintedKeySet => {
  if (keys.length > KEY_SET.maxKeys) {
    return {
      keys: [],
      warnings: [{ path: '/keys', message: `has ${keys.length} keys: publish at most ${KEY_SET.maxKeys}` }],
    };
  }
  const counts = new Map<unknown, number>();
  for (const key of keys) {
    if (isJsonObject(key)) counts.set(key['kid'], (counts.get(key['kid']) ?? 0) + 1);
  }
  const kept: KeptKey[] = [];
  const warnings: ProblemFault[] = [];
  for (const [index, jwk] of keys.entries()) {
    const linted = lintKey(jwk, allowed);
    if (!('key' in linted)) {
      warnings.push({ path: `/keys/${index}${linted.member && `/${linted.member}`}`, message: linted.message });
    } else if ((counts.get(linted.key.kid) ?? 0) > 1) {
      warnings.push({ path: `/keys/${index}/kid`, message: 'is the kid of another key too: give each key its own' });
    } else kept.push(linted.key);
  }
  return { keys: kept, warnings };
};
