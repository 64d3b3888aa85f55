import { PUT_MAX_BYTES, URL_EXPIRY_SECONDS } from '../contract/limits.ts';
import type { FormGrant } from '../contract/records.ts';
import { GRANT_METADATA_HEADER } from '../contract/routes.ts';
import { clampExpiry } from './clamp-expiry.ts';
import type { GrantContext } from './grant-context.ts';
import { encodeGrantMetadata, type GrantMetadata } from './grant-metadata.ts';
import { objectKey } from './object-key.ts';
import { objectUrl } from './s3-endpoint.ts';
import { type SigningKeys, signature, signingKeys } from './signing-key.ts';
import { ALGORITHM, amzDate, credentialScope } from './string-to-sign.ts';

export type FormGrantRequest = GrantContext & {
  /** Name of the bucket at `endpoint`. */
  readonly bucket: string;
  readonly grant: GrantMetadata;
  /** Wanted life of the form in whole seconds, 60–300. */
  readonly expiresIn: number;
};

const LIMITS = { min: URL_EXPIRY_SECONDS.min, max: URL_EXPIRY_SECONDS.formMax };
const FIELD_VALUE = /^[\x20-\x7e]+$/;

/** What S3 puts a file's name for, in every field, before it compares the field with the policy. */
const FILE_NAME = '$\u007bfilename}';

/** Whether S3 takes a field's value as it is. */
export const isFormValue = (value: string): boolean => FIELD_VALUE.test(value) && !value.includes(FILE_NAME);

/** The policy as JSON in ASCII. A dollar sign is special in a policy, so it is always written as its escape. */
const policyText = (expiration: string, conditions: readonly unknown[]): string =>
  JSON.stringify({ expiration, conditions }).replaceAll('$', '\\u0024');

/**
 * Permission for one POST from a form: `fields` first, the file last. The policy has one exact condition for every field,
 * the bucket, and the exact length; nothing in it begins, ranges or is expanded. S3 answers 201.
 * Throws a RangeError for an expiry outside the limits, credentials at their end, or a size no single POST can have, a
 * TypeError for a type that S3 would expand.
 * Source: "POST Object" and "Creating a POST policy" (Amazon S3 API).
 */
export const grantForm = (request: FormGrantRequest, keys: SigningKeys = signingKeys): FormGrant => {
  const { endpoint, bucket, region, credentials, issuerId, ownerKey, grant, now, expiresIn } = request;
  if (grant.size > PUT_MAX_BYTES) throw new RangeError(`a single POST takes at most ${PUT_MAX_BYTES} bytes`);
  if (!isFormValue(grant.type)) throw new TypeError('this type cannot stand in a form');
  const expiry = clampExpiry({ now, expiresIn, limits: LIMITS, end: credentials.expiresAt });
  const date = amzDate(now);
  const scope = credentialScope(date, region, 's3');
  const bound: Record<string, string> = {
    key: objectKey({ issuerId, ownerKey, id: grant.id }),
    'Content-Type': grant.type,
    [GRANT_METADATA_HEADER]: encodeGrantMetadata(grant),
    ...(grant.sha256 === null
      ? {}
      : {
          'x-amz-checksum-algorithm': 'SHA256',
          'x-amz-checksum-sha256': Buffer.from(grant.sha256, 'hex').toString('base64'),
        }),
    success_action_status: '201',
    'x-amz-algorithm': ALGORITHM,
    'x-amz-credential': `${credentials.accessKeyId}/${scope}`,
    'x-amz-date': date,
    ...(credentials.sessionToken ? { 'x-amz-security-token': credentials.sessionToken } : {}),
  };
  const conditions = [
    { bucket },
    ['content-length-range', grant.size, grant.size],
    ...Object.entries(bound).map(([name, value]) => ({ [name]: value })),
  ];
  const policy = Buffer.from(policyText(expiry.at, conditions), 'utf8').toString('base64');
  const proof = signature(keys(credentials, date.slice(0, 8), region, 's3'), policy);
  return { url: objectUrl(endpoint, ''), fields: { ...bound, policy, 'x-amz-signature': proof }, expiresAt: expiry.at };
};
