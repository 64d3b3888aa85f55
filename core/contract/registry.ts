import * as v from 'valibot';
import { RegionCode, Text } from './fields.ts';
import type { IssuerEntry } from './issuer-entry.ts';
import { isUtcTime } from './shape.ts';

/** Where the registry documents lie in a Region's registry bucket. */
export const REGISTRY_KEYS = {
  policy: 'registry/policy.json',
  keys: 'registry/keys.json',
  auditPrefix: 'registry/audit/',
} as const;

/** The two registry documents. */
export type RegistryDocumentName = 'policy' | 'keys';

const Time = v.pipe(
  Text,
  v.check((text): boolean => isUtcTime(text), 'must be an ISO 8601 time in UTC'),
);
const FilledText = v.pipe(Text, v.minLength(1, 'must not be empty'));
const Version = v.pipe(v.number('must be a number'), v.safeInteger('must be a whole number'), v.minValue(1));
/** Facts every revocation carries: whom it is for, since when, why. */
const revocation = { issuer: FilledText, at: Time, reason: Text };

/** Who and what is cut off, whatever the entries say. Publishing can only make it grow. */
export const RevocationsSchema = v.strictObject({
  /** Issuers, by registry id. */
  disabled: v.array(v.strictObject(revocation)),
  /** Keys by RFC 7638 thumbprint (SHA-256, base64url). A leaked key is leaked for every issuer, so it counts for all. */
  kids: v.array(v.strictObject({ ...revocation, thumbprint: v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{43}$/)) })),
  /** Tokens by `jti`. */
  tokens: v.array(v.strictObject({ ...revocation, jti: FilledText })),
  /** People by subject as the entry's claim path reads it, in every tenant. */
  subjects: v.array(v.strictObject({ ...revocation, subject: FilledText })),
  /** Everything with an `iat` before this moment. */
  issuedBefore: v.array(v.strictObject({ ...revocation, before: Time })),
});
export type Revocations = v.InferOutput<typeof RevocationsSchema>;

/** `policy.json` around its entries; strict, because a member this version does not know could be a restriction. */
export const PolicyDocumentSchema = v.strictObject({
  schema: v.literal(1, 'must be 1, the only schema this version reads'),
  version: Version,
  publishedAt: Time,
  publishedBy: FilledText,
  /** Parsed one by one, so that a faulty entry disables only itself. */
  issuers: v.array(v.unknown(), 'must be an array of issuer entries'),
  /** Codes of Regions that take no new uploads. */
  drain: v.array(RegionCode),
  revocations: RevocationsSchema,
});

/** `policy.json` as the publisher writes it. */
export type PolicyDocument = Omit<v.InferOutput<typeof PolicyDocumentSchema>, 'issuers'> & {
  readonly issuers: readonly IssuerEntry[];
};

/** How a fetched key set stands: as the provider last gave it; kept because fetching fails; kept because the provider gave no usable key. */
export const KEY_SET_STATUSES = ['ok', 'failing', 'withdrawn'] as const;
export type KeySetStatus = (typeof KEY_SET_STATUSES)[number];

/** One issuer's copy as the refresher writes it: linted keys only, public members only. */
export type FetchedKeySet = {
  readonly jwks: { readonly keys: readonly Readonly<Record<string, unknown>>[] };
  /** When the provider last gave a good set; `null` if it never did. */
  readonly fetchedAt: string | null;
  readonly status: KeySetStatus;
  /** Where it was fetched from. A set from another address than the entry's is never used. */
  readonly jwksUri: string;
  /** When the provider was last asked, whatever it answered. */
  readonly triedAt?: string;
  /** Before this moment the refresher does not ask it again. */
  readonly nextTryAt?: string;
};

/** `keys.json` as the refresher writes it. */
export type KeysDocument = {
  readonly schema: 1;
  readonly version: number;
  /** When the refresher last found this Region's policy not older than another Region's. */
  readonly checkedAt: string;
  /** By registry id. */
  readonly keys: Readonly<Record<string, FetchedKeySet>>;
};

/** A list of revocations that revokes nothing. */
export const NO_REVOCATIONS: Revocations = { disabled: [], kids: [], tokens: [], subjects: [], issuedBefore: [] };
