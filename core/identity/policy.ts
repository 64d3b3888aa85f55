import { Problem } from '../contract/problems.ts';
import type { Permission } from '../contract/states.ts';
import type { Principal } from './principal.ts';

/** Throws `permission_missing` unless the token grants the permission. */
export const checkPermission = (principal: Pick<Principal, 'permissions'>, permission: Permission): void => {
  if (principal.permissions.has(permission)) return;
  throw new Problem('permission_missing', `Get a token that grants ${permission}.`);
};

const essenceOf = (type: string): string => (type.split(';', 1)[0] ?? '').trim();

/** Whether a pattern (all, a whole top-level type, or one exact type) takes a media type; a wildcard never takes one that ends in `+xml`. */
export const matchesType = (pattern: string, type: string): boolean => {
  const essence = essenceOf(type);
  if (pattern === essence) return true;
  if (!pattern.endsWith('/*') || essence.endsWith('+xml')) return false;
  return pattern === '*/*' || essence.startsWith(pattern.slice(0, -1));
};

/** Throws `size_not_allowed` unless the issuer's limits take an upload of `size` bytes. */
export const checkSize = ({ limits }: Pick<Principal, 'limits'>, { size }: { readonly size: number }): void => {
  const { minBytes, maxBytes } = limits;
  if (size >= minBytes && size <= maxBytes) return;
  throw new Problem('size_not_allowed', `Upload between ${minBytes} and ${maxBytes} bytes; this would be ${size}.`);
};

/**
 * Throws `size_not_allowed` or `type_not_allowed` unless the issuer's limits take an upload of `size` bytes and media type `type`
 * (lower case; parameters do not count).
 */
export const checkGrant = (
  principal: Pick<Principal, 'limits'>,
  upload: { readonly size: number; readonly type: string },
): void => {
  checkSize(principal, upload);
  const { types } = principal.limits;
  if (!types.some((pattern) => matchesType(pattern, upload.type))) {
    throw new Problem(
      'type_not_allowed',
      `Upload one of these types: ${types.join(', ')} (wildcards do not take +xml types).`,
    );
  }
};

/** The deployed Region codes the issuer may use, in the order given. */
export const allowedRegions = (principal: Pick<Principal, 'limits'>, deployed: readonly string[]): readonly string[] =>
  deployed.filter((code) => principal.limits.regions.includes(code));
