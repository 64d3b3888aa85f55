import { type Grant, grantDigest } from '../contract/grant.ts';
import { formatId } from '../contract/ids.ts';
import type { GrantContext } from './grant-context.ts';
import type { GrantMetadata } from './grant-metadata.ts';
import { s3Endpoint } from './s3-endpoint.ts';

/** Grants as the gate makes them, for tests. */

export const OWNER = 'abcdefghijklmnopqrstuvwxyz234567';
/** SHA-256 of `test`, and the same in base64. */
export const SHA256 = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';
export const SHA256_BASE64 = 'n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=';
export const NOON = Date.UTC(2026, 10, 21, 12);

const CONTENT = { name: 'a.txt', type: 'text/plain', sha256: null, metadata: {} };

/** The metadata of a grant, with the id that belongs to it. */
export const metadataFor = (grant: Pick<Grant, 'kind' | 'size'> & Partial<Grant>): GrantMetadata => {
  const whole: Grant = { checksumMode: 'none', partSize: 0, ...CONTENT, ...grant };
  const id = formatId({
    ...whole,
    region: 'euw1',
    ownerKey: OWNER,
    nonce: new Uint8Array(16),
    grantDigest: grantDigest(whole),
  });
  const { name, size, type, sha256, metadata } = whole;
  return { id, name, size, type, sha256, metadata, createdAt: '2026-11-21T12:00:00.000Z' };
};

export const CONTEXT: GrantContext = {
  endpoint: s3Endpoint({ bucket: 'uploads', region: 'eu-west-1' }),
  region: 'eu-west-1',
  credentials: { accessKeyId: 'ASIAEXAMPLE', secretAccessKey: 'secret', sessionToken: 'to/ken+=' },
  issuerId: 'acme',
  ownerKey: OWNER,
  now: NOON,
};
