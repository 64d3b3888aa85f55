import { createHash, timingSafeEqual } from 'node:crypto';
import { decodeBase32, encodeBase32 } from './base32.ts';
import { decodePlan, encodePlan, lengthPrefixed, PLAN_BYTES, type Plan } from './grant.ts';

declare const uploadIdBrand: unique symbol;

/** An upload's id in its one exact spelling: `{region}_` and 71 base32 characters. */
export type UploadId = string & { readonly [uploadIdBrand]: true };

/** Everything an id says without asking anybody. */
export type ParsedId = Plan & {
  readonly id: UploadId;
  /** Code of the home Region, such as `euw1`; not yet known to be deployed. */
  readonly region: string;
  readonly nonce: Buffer;
  readonly grantDigest: Buffer;
  readonly ownerCheck: Buffer;
};

const NONCE_BYTES = 16;
const DIGEST_BYTES = 10;
const OWNER_CHECK_BYTES = 8;
const OWNER_TAG = 'nearput/owner-check/1';
const BODY_CHARACTERS = 71;
const SHAPE = new RegExp(`^([a-z][a-z0-9]{1,15})_([a-z2-7]{${BODY_CHARACTERS}})$`);

/** What an issuer's registry id looks like; it stands in every object key. */
export const ISSUER_ID = /^[a-z][a-z0-9-]{0,31}$/;

/** What an ownerKey looks like: 20 bytes in base32. */
export const OWNER_KEY = /^[a-z2-7]{32}$/;

const ownerCheckOf = (region: string, ownerKey: string, before: Uint8Array): Buffer =>
  createHash('sha256')
    .update(lengthPrefixed(OWNER_TAG))
    .update(lengthPrefixed(region))
    .update(lengthPrefixed(ownerKey))
    .update(before)
    .digest()
    .subarray(0, OWNER_CHECK_BYTES);

/** Writes an id. `nonce` is 16 bytes, `grantDigest` 10. */
export const formatId = (
  input: Plan & {
    readonly region: string;
    readonly ownerKey: string;
    readonly nonce: Uint8Array;
    readonly grantDigest: Uint8Array;
  },
): UploadId => {
  const before = Buffer.concat([encodePlan(input), input.nonce, input.grantDigest]);
  const bytes = Buffer.concat([before, ownerCheckOf(input.region, input.ownerKey, before)]);
  return `${input.region}_${encodeBase32(bytes)}` as UploadId;
};

/** Reads an id; `undefined` for every other spelling, version, kind or impossible plan. It proves nothing about the owner. */
export const parseId = (text: string): ParsedId | undefined => {
  const [, region, body] = SHAPE.exec(text) ?? [];
  if (region === undefined || body === undefined) return undefined;
  const decoded = decodeBase32(body);
  if (decoded === undefined) return undefined;
  const bytes = Buffer.from(decoded.buffer);
  const plan = decodePlan(bytes.subarray(0, PLAN_BYTES));
  if (plan === undefined) return undefined;
  const digestAt = PLAN_BYTES + NONCE_BYTES;
  const checkAt = digestAt + DIGEST_BYTES;
  return {
    ...plan,
    id: text as UploadId,
    region,
    nonce: bytes.subarray(PLAN_BYTES, digestAt),
    grantDigest: bytes.subarray(digestAt, checkAt),
    ownerCheck: bytes.subarray(checkAt),
  };
};

/** Whether an id was minted for this owner; takes the same time for every wrong owner. */
export const isOwnedBy = (parsed: ParsedId, ownerKey: string): boolean => {
  const before = Buffer.concat([encodePlan(parsed), parsed.nonce, parsed.grantDigest]);
  return timingSafeEqual(parsed.ownerCheck, ownerCheckOf(parsed.region, ownerKey, before));
};
