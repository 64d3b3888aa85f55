import type { IssuerEntry, IssuerLimits } from '../contract/issuer-entry.ts';
import type { Permission } from '../contract/states.ts';
import { identityClaim, permissionsClaim, timeClaim } from './claims.ts';
import type { JsonObject } from './json-bytes.ts';
import { ownerKeyOf } from './owner-key.ts';

/** Who a verified token speaks for. */
export type Principal = {
  /** Registry id of the issuer. */
  readonly issuerId: string;
  /** The exact issuer string. */
  readonly issuer: string;
  /** `null` if the entry names no tenant claim. */
  readonly tenant: string | null;
  readonly subject: string;
  /** 32 characters; what its keys and records lie under. */
  readonly ownerKey: string;
  readonly permissions: ReadonlySet<Permission>;
  readonly limits: IssuerLimits;
  /** Milliseconds since 1970: the token's `exp`, without clock skew. */
  readonly expiresAt: number;
  readonly jti: string | null;
};

/** The principal of verified and checked claims; `undefined` if they name none, which the checks have ruled out before. */
export const principalOf = (entry: IssuerEntry, claims: JsonObject): Principal | undefined => {
  const subject = identityClaim(claims, entry.claims.subject);
  const tenant = entry.claims.tenant === null ? null : identityClaim(claims, entry.claims.tenant);
  const permissions = permissionsClaim(claims, entry.permissions.claim);
  const expires = timeClaim(claims, 'exp');
  if (subject === undefined || tenant === undefined || permissions === undefined || expires === undefined) {
    return undefined;
  }
  const { id: issuerId, issuer, ownership, limits } = entry;
  return {
    issuerId,
    issuer,
    tenant,
    subject,
    ownerKey: ownerKeyOf({ ownership, issuer, tenant, subject }),
    permissions,
    limits,
    expiresAt: expires * 1_000,
    jti: identityClaim(claims, ['jti']) ?? null,
  };
};
