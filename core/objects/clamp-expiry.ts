import { assertExpiry } from './presign.ts';

export type ExpiryRequest = {
  /** Time of signing, milliseconds since 1970. */
  readonly now: number;
  /** Wanted life in whole seconds. */
  readonly expiresIn: number;
  readonly limits: { readonly min: number; readonly max: number };
  /** When the credentials end, milliseconds since 1970, where that is known. */
  readonly end?: number | undefined;
};

/** Life of a grant: whole seconds from the second of signing, and the moment it ends (ISO 8601 UTC). */
export type Expiry = { readonly seconds: number; readonly at: string };

/**
 * The life a grant can promise: as wanted, but never past the end of the credentials that sign it.
 * Throws a RangeError for a life outside the limits and for credentials with less than a second left.
 */
export const clampExpiry = ({ now, expiresIn, limits, end }: ExpiryRequest): Expiry => {
  assertExpiry(expiresIn, limits);
  const from = Math.floor(now / 1_000);
  const left = end === undefined ? expiresIn : Math.floor(end / 1_000) - from;
  if (!(left >= 1)) throw new RangeError('the signing credentials have come to their end');
  const seconds = Math.min(expiresIn, left);
  return { seconds, at: new Date((from + seconds) * 1_000).toISOString() };
};
