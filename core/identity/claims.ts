import { isIdentityText } from '../contract/issuer-words.ts';
import { PERMISSIONS, type Permission } from '../contract/states.ts';
import { isJsonObject, type JsonObject } from './json-bytes.ts';

/** The value at a path of own members; `undefined` if any step is missing. */
export const claimAt = (claims: JsonObject, path: readonly string[]): unknown => {
  let value: unknown = claims;
  for (const name of path) {
    if (!isJsonObject(value) || !Object.hasOwn(value, name)) return undefined;
    value = value[name];
  }
  return value;
};

/** A subject or tenant: 1–255 well-formed characters without controls, else `undefined`. */
export const identityClaim = (claims: JsonObject, path: readonly string[]): string | undefined => {
  const value = claimAt(claims, path);
  return isIdentityText(value) ? value : undefined;
};

const LATEST_SECONDS = 253_402_300_800;

/** A NumericDate (RFC 7519) in seconds, between 1970 and the year 10000; else `undefined`. */
export const timeClaim = (claims: JsonObject, name: string): number | undefined => {
  const value = claimAt(claims, [name]);
  return typeof value === 'number' && value >= 0 && value < LATEST_SECONDS ? value : undefined;
};

/** One text or a list of texts as a list; `undefined` for anything else. */
export const textsOf = (value: unknown): readonly string[] | undefined => {
  if (typeof value === 'string') return [value];
  return Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : undefined;
};

/**
 * The permissions a claim grants: a list, or words between spaces (RFC 6749, 3.3); words we do not know mean nothing here.
 * A missing claim grants none. `undefined`: the claim is neither.
 */
export const permissionsClaim = (claims: JsonObject, path: readonly string[]): ReadonlySet<Permission> | undefined => {
  const value = claimAt(claims, path) ?? '';
  const words = typeof value === 'string' ? value.split(' ') : textsOf(value);
  return words && new Set(PERMISSIONS.filter((permission) => words.includes(permission)));
};
