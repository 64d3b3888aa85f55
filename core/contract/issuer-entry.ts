import * as v from 'valibot';
import { ObjectBytes, RegionCode, Text, whole } from './fields.ts';
import { ISSUER_ID } from './ids.ts';
import { cureOf } from './issuer-cures.ts';
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
import { CLAIM_MAX_LENGTH, KEY_SET, REGIONS_MAX, URL_EXPIRY_SECONDS } from './limits.ts';
import { pointerOf } from './parse-request.ts';
import type { ProblemFault } from './problems.ts';

export * from './issuer-words.ts';

const IdentityText = v.pipe(
  Text,
  v.check(
    (text): boolean => isIdentityText(text),
    `must have 1 to ${CLAIM_MAX_LENGTH} well-formed characters without controls`,
  ),
);

const seconds = (min: number, max: number) => whole('seconds', min, max);

const listOf = <Item extends v.GenericSchema>(item: Item, max: number) =>
  v.pipe(
    v.array(item, 'must be an array'),
    v.minLength(1, 'must not be empty: write at least one item'),
    v.maxLength(max, `must have at most ${max} items`),
    v.check((items) => new Set(items).size === items.length, 'names an item twice: remove the second'),
  );

const ClaimPath = v.pipe(
  v.array(IdentityText, 'must be an array of member names, such as ["sub"] or ["org", "id"]'),
  v.minLength(1, 'must not be empty: name the claim, such as ["sub"]'),
  v.maxLength(CLAIM_PATH_MAX, `must have at most ${CLAIM_PATH_MAX} names`),
);

const Scalar = v.union([v.string(), v.number(), v.boolean()], 'must be a string, a number or true or false');

const REQUIRED = 'is required';

/** The one sentence for a wrong object: a member is missing, unknown, or it is no object. */
const objectMessage = (issue: v.StrictObjectIssue): string => {
  if (issue.expected === 'never') return 'is not a member here: remove it or correct its spelling';
  if (issue.expected === 'Object') return 'must be an object';
  return REQUIRED;
};

const Keys = v.pipe(
  v.strictObject(
    {
      /** Where the provider publishes its key set; only the refresher fetches it. */
      jwksUri: v.optional(
        v.pipe(
          Text,
          v.maxLength(JWKS_URI_MAX_LENGTH, `must have at most ${JWKS_URI_MAX_LENGTH} characters`),
          v.check(
            (url) => isPublicKeySetUrl(url) || isLoopbackKeySetUrl(url),
            'must be an https address on port 443 with a public host name, without user, password or fragment',
          ),
        ),
      ),
      /** A key set written into the entry. */
      jwks: v.optional(
        v.strictObject(
          {
            keys: v.pipe(
              v.array(v.unknown(), 'must be an array of public keys'),
              v.minLength(1, 'must not be empty: write at least one public key'),
              v.maxLength(KEY_SET.maxKeys, `must have at most ${KEY_SET.maxKeys} keys`),
            ),
          },
          objectMessage,
        ),
      ),
    },
    objectMessage,
  ),
  v.check(
    (keys) => (keys.jwksUri === undefined) !== (keys.jwks === undefined),
    'must have exactly one of jwksUri and jwks',
  ),
);

const Limits = v.pipe(
  v.strictObject(
    {
      minBytes: ObjectBytes,
      maxBytes: ObjectBytes,
      types: listOf(
        v.pipe(Text, v.regex(TYPE_PATTERN, 'must be */*, type/* or type/subtype in lower case, without parameters')),
        LISTED_MAX,
      ),
      urlTtlSeconds: seconds(URL_EXPIRY_SECONDS.min, URL_EXPIRY_SECONDS.max),
      regions: listOf(RegionCode, REGIONS_MAX),
    },
    objectMessage,
  ),
  v.forward(
    v.partialCheck(
      [['minBytes'], ['maxBytes']],
      ({ minBytes, maxBytes }) => minBytes <= maxBytes,
      'is below minBytes: no upload would be allowed',
    ),
    ['maxBytes'],
  ),
);

/** One issuer of the registry, as a security team writes it. Every member is a decision; unknown members are faults. */
export const IssuerEntrySchema = v.pipe(
  v.strictObject(
    {
      id: v.pipe(Text, v.regex(ISSUER_ID, 'must be 1 to 32 of a–z, 0–9 and -, and start with a letter')),
      issuer: IdentityText,
      status: v.picklist(['active', 'disabled'], 'must be "active" or "disabled"'),
      audiences: listOf(IdentityText, LISTED_MAX),
      /** Where the audience is, if not in `aud`; said in words because it is a weaker promise. */
      audienceClaim: v.optional(ClaimPath),
      algorithms: listOf(v.picklist(ALGORITHMS, `must be one of ${ALGORITHMS.join(', ')}`), ALGORITHMS.length),
      tokenTypes: listOf(v.picklist(TOKEN_TYPES, `must be one of ${TOKEN_TYPES.join(', ')}`), TOKEN_TYPES.length),
      keys: Keys,
      claims: v.strictObject({ subject: ClaimPath, tenant: v.nullable(ClaimPath) }, objectMessage),
      ownership: v.picklist(OWNERSHIPS, 'must be "subject" or "tenant"'),
      /** Claims that must have one exact value, or one of several. */
      requiredClaims: v.pipe(
        v.unknown(),
        v.check((claims) => !Array.isArray(claims), 'must be an object, {} for none'),
        v.record(
          IdentityText,
          v.union([Scalar, v.pipe(v.array(Scalar), v.minLength(1))], 'must be a value or a list of values'),
          'must be an object, {} for none',
        ),
      ),
      tenants: v.nullable(listOf(IdentityText, TENANTS_MAX)),
      permissions: v.strictObject({ claim: ClaimPath }, objectMessage),
      maxTokenAgeSeconds: seconds(1, ENTRY_SECONDS.tokenAge),
      clockSkewSeconds: seconds(0, ENTRY_SECONDS.clockSkew),
      /** How long a fetched key set outlives its provider's trouble; 24 h if absent. */
      keyLifeSeconds: v.optional(seconds(ENTRY_SECONDS.keyLifeMin, ENTRY_SECONDS.keyLifeMax)),
      limits: Limits,
      /** For the reader; nothing depends on it. */
      note: v.optional(v.pipe(Text, v.maxLength(NOTE_MAX_LENGTH, `must have at most ${NOTE_MAX_LENGTH} characters`))),
    },
    objectMessage,
  ),
  v.forward(
    v.partialCheck(
      [['ownership'], ['claims']],
      ({ ownership, claims }) => ownership === 'subject' || claims.tenant !== null,
      'is "tenant" but /claims/tenant is null: name the tenant claim or own by subject',
    ),
    ['ownership'],
  ),
  v.forward(
    v.partialCheck(
      [['tenants'], ['claims']],
      ({ tenants, claims }) => tenants === null || claims.tenant !== null,
      'lists tenants but /claims/tenant is null: name the tenant claim or write null',
    ),
    ['tenants'],
  ),
);

type DeepReadonly<Value> = Value extends readonly (infer Item)[]
  ? readonly DeepReadonly<Item>[]
  : Value extends object
    ? { readonly [Name in keyof Value]: DeepReadonly<Value[Name]> }
    : Value;

/** A parsed issuer entry. */
export type IssuerEntry = DeepReadonly<v.InferOutput<typeof IssuerEntrySchema>>;

/** What an issuer's callers may put, and where. */
export type IssuerLimits = IssuerEntry['limits'];

export type ParsedEntry =
  | { readonly ok: true; readonly entry: IssuerEntry }
  | { readonly ok: false; readonly faults: readonly ProblemFault[] };

/** Reads one issuer entry from parsed JSON; every fault at once, each with its JSON pointer. Never throws. */
export const readIssuerEntry = (value: unknown): ParsedEntry => {
  const result = v.safeParse(IssuerEntrySchema, value);
  if (result.success) return { ok: true, entry: result.output };
  return { ok: false, faults: result.issues.map((issue) => ({ path: pointerOf(issue), message: issue.message })) };
};

const withCure = ({ path, message }: ProblemFault): ProblemFault => ({
  path,
  message: message === REQUIRED ? `is required: write ${cureOf(path)}` : message,
});

/** The same for people: a fault that something is missing says what to write. The gate does without, and without its weight. */
export const parseIssuerEntry = (value: unknown): ParsedEntry => {
  const parsed = readIssuerEntry(value);
  return parsed.ok ? parsed : { ok: false, faults: parsed.faults.map(withCure) };
};
