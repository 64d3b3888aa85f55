import { REGISTRY_KEYS } from '../../../core/contract/registry.ts';
import { isJsonObject } from '../../../core/identity/json-bytes.ts';
import { PUBLIC_MEMBERS } from '../../../core/identity/key-material.ts';
import { parseKeys } from '../../../core/identity/parse-keys.ts';
import { thumbprint } from '../../../core/identity/thumbprint.ts';
import { at } from '../lint/peek.ts';
import { heldOf } from '../registry/read-regions.ts';
import type { RegionView } from '../registry/region.ts';

/** A key some Region knows for an issuer. */
export type KnownKey = { readonly kid: string; readonly thumbprint: string };

const knownKey = (jwk: unknown): readonly KnownKey[] => {
  if (!isJsonObject(jwk) || typeof jwk['kid'] !== 'string') return [];
  const members = PUBLIC_MEMBERS[String(jwk['kty'])];
  if (members === undefined || !members.every((name) => typeof jwk[name] === 'string')) return [];
  return [{ kid: jwk['kid'], thumbprint: thumbprint(jwk) }];
};

const inlineKeys = (view: RegionView, issuer: string): readonly unknown[] => {
  const entries = heldOf(view)?.document.issuers ?? [];
  return entries.flatMap((raw) => {
    const keys = at(raw, 'id') === issuer ? at(raw, 'keys', 'jwks', 'keys') : undefined;
    return Array.isArray(keys) ? keys : [];
  });
};

const fetchedKeys = async ({ region }: RegionView, issuer: string): Promise<readonly unknown[]> => {
  const stored = await region.store.read(REGISTRY_KEYS.keys);
  const parsed = parseKeys(JSON.parse(stored?.body ?? 'null'));
  return parsed.ok ? (parsed.keys.copies.get(issuer)?.keys ?? []) : [];
};

/** Every key of an issuer in every Region that answers: those in its entry and those that were fetched. One Region is enough. */
export const findKeys = async (views: readonly RegionView[], issuer: string): Promise<readonly KnownKey[]> => {
  const fetched = await Promise.allSettled(views.map((view) => fetchedKeys(view, issuer)));
  const keys = [
    ...views.flatMap((view) => inlineKeys(view, issuer)),
    ...fetched.flatMap((one) => (one.status === 'fulfilled' ? one.value : [])),
  ].flatMap(knownKey);
  return [...new Map(keys.map((key) => [`${key.kid} ${key.thumbprint}`, key])).values()];
};
