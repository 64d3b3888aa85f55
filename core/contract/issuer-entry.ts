import * as v from 'valibot';
import { ObjectBytes, RegionCode, Text, whole } from './fields.ts';
import { ISSUER_ID } from './ids.ts';
import { cureOf } from './issuer-cures.ts';
import { CLAIM_MAX_LENGTH, KEY_SET, REGIONS_MAX, URL_EXPIRY_SECONDS } from './limits.ts';
import { pointerOf } from './parse-request.ts';
import type { ProblemFault } from './problems.ts';

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

const LISTED_MAX = 64;
const TENANTS_MAX = 1_000;
const TYPE_TOKEN = '[a-z0-9!#$&^_.+-]+';
const TYPE_PATTERN = new RegExp(`^(?:\\*/\\*|${TYPE_TOKEN}/(?:\\*|${TYPE_TOKEN}))$`);
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

const isPublicKeySetUrl = (text: string): boolean => {
  if (!URL.canParse(text) || !text.startsWith('https://')) return false;
  const url = new URL(text);
  const bare = url.username === '' && url.password === '' && url.hash === '' && !text.includes('#');
  return bare && url.port === '' && PUBLIC_HOST.test(url.hostname);
};

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
  v.maxLength(8, 'must have at most 8 names'),
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
          v.maxLength(1_024, 'must have at most 1024 characters'),
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
      requiredClaims: v.record(
        IdentityText,
        v.union([Scalar, v.pipe(v.array(Scalar), v.minLength(1))], 'must be a value or a list of values'),
        'must be an object, {} for none',
      ),
      tenants: v.nullable(listOf(IdentityText, TENANTS_MAX)),
      permissions: v.strictObject({ claim: ClaimPath }, objectMessage),
      maxTokenAgeSeconds: seconds(1, 30 * 86_400),
      clockSkewSeconds: seconds(0, 60),
      /** How long a fetched key set outlives its provider's trouble; 24 h if absent. */
      keyLifeSeconds: v.optional(seconds(600, 7 * 86_400)),
      limits: Limits,
      /** For the reader; nothing depends on it. */
      note: v.optional(v.pipe(Text, v.maxLength(4_000, 'must have at most 4000 characters'))),
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
