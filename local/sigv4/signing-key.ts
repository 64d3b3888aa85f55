import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import type { Credential } from '../support/credentials.ts';

const cache = new WeakMap<Credential, Map<string, KeyObject>>();
const SCOPES_KEPT = 64;

/** The key of one credential for `YYYYMMDD/region/service/aws4_request`, derived once a day and kept as a KeyObject. */
export function signingKey(credential: Credential, scope: string): KeyObject {
  let scopes = cache.get(credential);
  if (!scopes) {
    scopes = new Map();
    cache.set(credential, scopes);
  }
  const known = scopes.get(scope);
  if (known) return known;
  let key = Buffer.from(`AWS4${credential.secretAccessKey}`);
  for (const piece of scope.split('/')) key = createHmac('sha256', key).update(piece).digest();
  const derived = createSecretKey(key);
  if (scopes.size >= SCOPES_KEPT) scopes.clear();
  scopes.set(scope, derived);
  return derived;
}
