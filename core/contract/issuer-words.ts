import { CLAIM_MAX_LENGTH } from './limits.ts';

/** Signature algorithms an entry can name: asymmetric ones only (RFC 7518, RFC 8037, RFC 9864). */
export const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
] as const;
export type Algorithm = (typeof ALGORITHMS)[number];

/** What `typ` of a token can be. `absent` is the word for tokens without one; it must be written out like the others. */
export const TOKEN_TYPES = ['at+jwt', 'JWT', 'absent'] as const;
export type TokenType = (typeof TOKEN_TYPES)[number];

/** Who owns an upload: one subject, or everybody of a tenant. */
export const OWNERSHIPS = ['subject', 'tenant'] as const;
export type Ownership = (typeof OWNERSHIPS)[number];

/** Items of a list of an entry, and of its list of tenants. */
export const LISTED_MAX = 64;
export const TENANTS_MAX = 1_000;
/** Names in a claim path. */
export const CLAIM_PATH_MAX = 8;
/** Seconds an entry can give: the longest life of a token, the widest clock skew, how long fetched keys serve. */
export const ENTRY_SECONDS = { tokenAge: 30 * 86_400, clockSkew: 60, keyLifeMin: 600, keyLifeMax: 7 * 86_400 } as const;
/** Characters of a key-set address, and of a note. */
export const JWKS_URI_MAX_LENGTH = 1_024;
export const NOTE_MAX_LENGTH = 4_000;
const TYPE_TOKEN = '[a-z0-9!#$&^_.+-]+';
/** What a media type pattern of an entry looks like. */
export const TYPE_PATTERN = new RegExp(`^(?:\\*/\\*|${TYPE_TOKEN}/(?:\\*|${TYPE_TOKEN}))$`);
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const CONTROLS = /[\u0000-\u001f\u007f-\u009f]/;
const PUBLIC_HOST = /^(?!.*\.\d+$)(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z0-9-]*[a-z][a-z0-9-]*$/;
const LOOPBACK_KEY_SET = /^http:\/\/127\.0\.0\.1:\d{1,5}\/[\x21-\x7e]*$/;

/** Whether a value can be a subject, tenant or other identity text: 1–255 UTF-16 code units, well-formed, no controls. */
export const isIdentityText = (value: unknown): value is string =>
  typeof value === 'string' &&
  value.length >= 1 &&
  value.length <= CLAIM_MAX_LENGTH &&
  value.isWellFormed() &&
  !CONTROLS.test(value);

/** Whether a key-set address is loopback http, which only the local platform's refresher may fetch. */
export const isLoopbackKeySetUrl = (url: string): boolean => LOOPBACK_KEY_SET.test(url);

/** Whether a key-set address is https on port 443 at a public host name, without user, password or fragment. */
export const isPublicKeySetUrl = (text: string): boolean => {
  if (!URL.canParse(text) || !text.startsWith('https://')) return false;
  const url = new URL(text);
  const bare = url.username === '' && url.password === '' && url.hash === '' && !text.includes('#');
  return bare && url.port === '' && PUBLIC_HOST.test(url.hostname);
};
