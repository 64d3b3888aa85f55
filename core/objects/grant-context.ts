import type { Endpoint } from './s3-endpoint.ts';
import type { SigningCredentials } from './signing-key.ts';

/** What every grant is signed with: where the object will be, whose it is, by whom and when it is signed. */
export type GrantContext = {
  /** Where the bucket is. */
  readonly endpoint: Endpoint;
  /** Region name, such as `eu-west-1`. */
  readonly region: string;
  readonly credentials: SigningCredentials;
  /** Registry id of the caller's issuer. */
  readonly issuerId: string;
  /** The caller's ownerKey, from its token. */
  readonly ownerKey: string;
  /** Time of signing, milliseconds since 1970. */
  readonly now: number;
};
