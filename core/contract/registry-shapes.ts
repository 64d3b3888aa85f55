import { ISSUER_ID } from './ids.ts';
import {
  ALGORITHMS,
  CLAIM_PATH_MAX,
  ENTRY_SECONDS,
  isIdentityText,
  isLoopbackKeySetUrl,
  isPublicKeySetUrl,
  JWKS_URI_MAX_LENGTH,
  LISTED_MAX,
  NOTE_MAX_LENGTH,
  OWNERSHIPS,
  TENANTS_MAX,
  TOKEN_TYPES,
  TYPE_PATTERN,
} from './issuer-words.ts';
import { KEY_SET, OBJECT_MAX_BYTES, REGIONS_MAX, URL_EXPIRY_SECONDS } from './limits.ts';
import { is, isUtcTime, list, matches, object, oneOf, orNull, record, type Shape, whole } from './shape.ts';
import { REGION_CODE } from './text.ts';

/** The registry's documents as every hop checks them. They take exactly what the schemas take, which are for people; a test compares them. */

const ANYTHING: Shape = () => undefined;
const text = is((value) => typeof value === 'string');
const filled = is((value) => typeof value === 'string' && value !== '');
const time = is(isUtcTime);
const identity = is(isIdentityText);
const regionCode = matches(REGION_CODE);
const version = whole(1);

const different = is((value) => Array.isArray(value) && new Set(value).size === value.length);
const listOf =
  (item: Shape, max: number): Shape =>
  (value, path, add) => {
    list(item, 1, max)(value, path, add);
    different(value, path, add);
  };

const textUpTo = (max: number): Shape => is((value) => typeof value === 'string' && value.length <= max);
const claimPath = list(identity, 1, CLAIM_PATH_MAX);

const isScalar = (value: unknown): boolean => ['string', 'number', 'boolean'].includes(typeof value);
const required: Shape = (value, path, add) => {
  if (Array.isArray(value)) list(is(isScalar), 1)(value, path, add);
  else is(isScalar)(value, path, add);
};

const jwksUri = is(
  (url) =>
    typeof url === 'string' &&
    url.length <= JWKS_URI_MAX_LENGTH &&
    (isPublicKeySetUrl(url) || isLoopbackKeySetUrl(url)),
);

/** A member of an object that passed its shape. */
const memberOf = (value: unknown, name: string): unknown => Object(value)[name];

const keys = object(
  {},
  {
    optional: { jwksUri, jwks: object({ keys: list(ANYTHING, 1, KEY_SET.maxKeys) }) },
    and: is((value) => (memberOf(value, 'jwksUri') === undefined) !== (memberOf(value, 'jwks') === undefined)),
  },
);

const limits = object(
  {
    minBytes: whole(0, OBJECT_MAX_BYTES),
    maxBytes: whole(0, OBJECT_MAX_BYTES),
    types: listOf(matches(TYPE_PATTERN), LISTED_MAX),
    urlTtlSeconds: whole(URL_EXPIRY_SECONDS.min, URL_EXPIRY_SECONDS.max),
    regions: listOf(regionCode, REGIONS_MAX),
  },
  { and: is((value) => Number(memberOf(value, 'minBytes')) <= Number(memberOf(value, 'maxBytes'))) },
);

/** Owning by tenant and listing tenants need a tenant claim. */
const namesItsTenant = (value: unknown): boolean =>
  memberOf(memberOf(value, 'claims'), 'tenant') !== null ||
  (memberOf(value, 'ownership') === 'subject' && memberOf(value, 'tenants') === null);

/** One issuer's entry. */
export const ENTRY_SHAPE = object(
  {
    id: matches(ISSUER_ID),
    issuer: identity,
    status: oneOf(['active', 'disabled']),
    audiences: listOf(identity, LISTED_MAX),
    algorithms: listOf(oneOf(ALGORITHMS), ALGORITHMS.length),
    tokenTypes: listOf(oneOf(TOKEN_TYPES), TOKEN_TYPES.length),
    keys,
    claims: object({ subject: claimPath, tenant: orNull(claimPath) }),
    ownership: oneOf(OWNERSHIPS),
    requiredClaims: record(identity, required),
    tenants: orNull(listOf(identity, TENANTS_MAX)),
    permissions: object({ claim: claimPath }),
    maxTokenAgeSeconds: whole(1, ENTRY_SECONDS.tokenAge),
    clockSkewSeconds: whole(0, ENTRY_SECONDS.clockSkew),
    limits,
  },
  {
    optional: {
      audienceClaim: claimPath,
      keyLifeSeconds: whole(ENTRY_SECONDS.keyLifeMin, ENTRY_SECONDS.keyLifeMax),
      note: textUpTo(NOTE_MAX_LENGTH),
    },
    and: is(namesItsTenant),
  },
);

/** Revocations of one kind: whom they are for, since when, why, and what `more` adds. */
const revocations = (more: Readonly<Record<string, Shape>>): Shape =>
  list(object({ issuer: filled, at: time, reason: text, ...more }));

/** `policy.json` around its entries, which are checked one by one. */
export const POLICY_SHAPE = object({
  schema: oneOf([1]),
  version,
  publishedAt: time,
  publishedBy: filled,
  issuers: list(ANYTHING),
  drain: list(regionCode),
  revocations: object({
    disabled: revocations({}),
    kids: revocations({ thumbprint: matches(/^[A-Za-z0-9_-]{43}$/) }),
    tokens: revocations({ jti: filled }),
    subjects: revocations({ subject: filled }),
    issuedBefore: revocations({ before: time }),
  }),
});

/** `keys.json` around its copies. What a later refresher adds is passed by. */
export const KEYS_SHAPE = object(
  { schema: oneOf([1]), version, checkedAt: time, keys: record(ANYTHING, ANYTHING) },
  { others: true },
);

/** One copy in `keys.json`. */
export const KEY_COPY_SHAPE = object(
  { jwks: object({ keys: list(ANYTHING) }, { others: true }), fetchedAt: orNull(time), status: text },
  { optional: { jwksUri: text, triedAt: time, nextTryAt: time }, others: true },
);
