/** Issuer strings are names, not addresses: nothing is ever fetched from there, so they do not depend on a port. */
export const ISSUER_PREFIX = 'https://issuer.nearput.test/';

/** The five test issuers, one per key type. */
export const ISSUERS = [
  { id: 'local', algorithm: 'RS256' },
  { id: 'acme', algorithm: 'PS256' },
  { id: 'globex', algorithm: 'ES256' },
  { id: 'initech', algorithm: 'ES384' },
  { id: 'umbrella', algorithm: 'EdDSA' },
] as const;

export type IssuerId = (typeof ISSUERS)[number]['id'];

/** The issuer whose tokens `POST /token` gives. */
export const DEFAULT_ISSUER: IssuerId = 'local';
