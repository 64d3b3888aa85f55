import { isLoopbackKeySetUrl, parseIssuerEntry } from '../contract/issuer-entry.ts';
import type { ProblemFault } from '../contract/problems.ts';
import { lintKeySet } from './key-hygiene.ts';

/**
 * Everything wrong with an entry as a person wrote it, in one go: its shape, and its inline keys, for which what is only a
 * warning in a fetched set is a fault. `allowLoopback` is for the local platform alone. Empty: nothing wrong.
 */
export const lintEntry = (value: unknown, options: { readonly allowLoopback: boolean }): readonly ProblemFault[] => {
  const parsed = parseIssuerEntry(value);
  if (!parsed.ok) return parsed.faults;
  const { keys, algorithms } = parsed.entry;
  if (keys.jwksUri !== undefined && isLoopbackKeySetUrl(keys.jwksUri) && !options.allowLoopback) {
    return [{ path: '/keys/jwksUri', message: 'is a loopback address: only the local platform fetches from there' }];
  }
  return lintKeySet(keys.jwks?.keys ?? [], algorithms).warnings.map(({ path, message }) => ({
    path: `/keys/jwks${path}`,
    message,
  }));
};
