import { ALGORITHMS, isLoopbackKeySetUrl, parseIssuerEntry } from '../contract/issuer-entry.ts';
import { KEY_SET } from '../contract/limits.ts';
import type { ProblemFault } from '../contract/problems.ts';
import { isJsonObject } from './json-bytes.ts';
import { lintKeySet } from './key-hygiene.ts';
import { weakModulus } from './weak-modulus.ts';

/** The members that say which keys an entry has, as far as they can be read. */
const keysOf = (value: unknown): { readonly jwksUri: unknown; readonly inline: readonly unknown[] } => {
  const keys = isJsonObject(value) ? value['keys'] : undefined;
  if (!isJsonObject(keys)) return { jwksUri: undefined, inline: [] };
  const inline = isJsonObject(keys['jwks']) ? keys['jwks']['keys'] : undefined;
  return { jwksUri: keys['jwksUri'], inline: Array.isArray(inline) ? inline : [] };
};

/** The algorithms an entry allows, without those that do not exist; all of them if it names none. */
const algorithmsOf = (value: unknown) => {
  const named = isJsonObject(value) ? value['algorithms'] : undefined;
  const known = Array.isArray(named) ? ALGORITHMS.filter((algorithm) => named.includes(algorithm)) : [];
  return known.length > 0 ? known : ALGORITHMS;
};

const loopbackFaults = (jwksUri: unknown): readonly ProblemFault[] =>
  typeof jwksUri === 'string' && isLoopbackKeySetUrl(jwksUri)
    ? [{ path: '/keys/jwksUri', message: 'is a loopback address: only the local platform fetches from there' }]
    : [];

const inlineKeyFaults = (value: unknown): readonly ProblemFault[] => {
  const { inline } = keysOf(value);
  // Too many are a fault of the form already.
  if (inline.length > KEY_SET.maxKeys) return [];
  const { keys, warnings } = lintKeySet(inline, algorithmsOf(value));
  const weak = keys.flatMap(({ jwk }): ProblemFault[] => {
    const message = jwk['kty'] === 'RSA' ? weakModulus(String(jwk['n'])) : null;
    const index = inline.findIndex((key) => isJsonObject(key) && key['kid'] === jwk['kid']);
    return message === null ? [] : [{ path: `/keys/${index}/n`, message }];
  });
  return [...warnings, ...weak].map(({ path, message }) => ({ path: `/keys/jwks${path}`, message }));
};

/**
 * Everything wrong with an entry as a person wrote it, in one go: its shape, and its inline keys, for which what is only a
 * warning in a fetched set is a fault. `allowLoopback` is for the local platform alone. Empty: nothing wrong.
 */
export const lintEntry = (value: unknown, options: { readonly allowLoopback: boolean }): readonly ProblemFault[] => {
  const parsed = parseIssuerEntry(value);
  return [
    ...(parsed.ok ? [] : parsed.faults),
    ...(options.allowLoopback ? [] : loopbackFaults(keysOf(value).jwksUri)),
    ...inlineKeyFaults(value),
  ];
};
