import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';

/** AWS credentials of the signer; `expiresAt` in milliseconds since 1970 where the end is known. */
export type SigningCredentials = {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Of temporary credentials; an empty one is none. */
  readonly sessionToken?: string | undefined;
  readonly expiresAt?: number | undefined;
};

/** Keys kept at once: ten Regions and two services of yesterday and today fit. */
const KEYS_MAX = 64;

const hmac = (key: Buffer | string, text: string): Buffer => createHmac('sha256', key).update(text).digest();

/** SigningKey of one day (`YYYYMMDD`), Region and service: a chain of four HMACs. */
export const deriveSigningKey = (secretAccessKey: string, day: string, region: string, service: string): Buffer =>
  hmac(hmac(hmac(hmac(`AWS4${secretAccessKey}`, day), region), service), 'aws4_request');

/** Throws a TypeError for credentials without an id or a secret; whatever they sign is refused only much later. */
const assertComplete = ({ accessKeyId, secretAccessKey }: SigningCredentials): void => {
  if (accessKeyId === '' || secretAccessKey === '') throw new TypeError('signing credentials need an id and a secret');
};

/** Finds or derives the day's key. */
export type SigningKeys = (credentials: SigningCredentials, day: string, region: string, service: string) => KeyObject;

/**
 * A bounded cache of signing keys; the oldest leaves first. A key belongs to access key id and secret, day, Region and
 * service, and is kept as a KeyObject: HMAC with one is several times faster than with a Buffer on Node 24.
 */
export const createSigningKeys = (max: number = KEYS_MAX): SigningKeys => {
  const keys = new Map<string, { readonly secretAccessKey: string; readonly key: KeyObject }>();
  return (credentials, day, region, service) => {
    const name = `${credentials.accessKeyId}/${day}/${region}/${service}`;
    const known = keys.get(name);
    if (known !== undefined && known.secretAccessKey === credentials.secretAccessKey) return known.key;
    assertComplete(credentials);
    const key = createSecretKey(deriveSigningKey(credentials.secretAccessKey, day, region, service));
    keys.delete(name);
    keys.set(name, { secretAccessKey: credentials.secretAccessKey, key });
    const oldest = keys.keys().next().value;
    if (keys.size > max && oldest !== undefined) keys.delete(oldest);
    return key;
  };
};

/** The process's own keys. */
export const signingKeys: SigningKeys = createSigningKeys();

/** Signature: lower-case hex HMAC of the string to sign. */
export const signature = (key: KeyObject, text: string): string => createHmac('sha256', key).update(text).digest('hex');
