import { createHmac } from 'node:crypto';
import { doesNotMatch, type Refusal, refuse } from './refusal.ts';
import { parseAmzDate, parseCredential } from './scope.ts';
import { signingKey } from './signing-key.ts';
import { findCredential, sameSignature, type Verified, type VerifyContext } from './verify.ts';

/** Fields of a form that carry its signature. */
const REQUIRED = ['policy', 'x-amz-algorithm', 'x-amz-credential', 'x-amz-date', 'x-amz-signature'] as const;

/**
 * Checks the signature of a browser form's policy (its Base64 text as it came) and refuses in S3's words. `fields` are by
 * lower-case name. Whether the policy allows the form, and until when, is for the caller to see. Never throws.
 * Source: Amazon S3 API reference, "Authenticating requests in browser-based uploads using POST".
 */
export function verifyPostPolicy(fields: ReadonlyMap<string, string>, context: VerifyContext): Verified | Refusal {
  const present = REQUIRED.filter((name) => fields.has(name));
  if (present.length === 0) return refuse('AccessDenied', 403, 'Access Denied');
  const missing = REQUIRED.find((name) => !fields.has(name));
  if (missing !== undefined) {
    return invalid(
      missing,
      '',
      `Bucket POST must contain a field named '${missing}'.  If it is specified, please check the order of the fields.`,
    );
  }
  const get = (name: (typeof REQUIRED)[number]): string => fields.get(name) ?? '';
  if (get('x-amz-algorithm') !== 'AWS4-HMAC-SHA256') {
    return invalid('x-amz-algorithm', get('x-amz-algorithm'), 'Only AWS4-HMAC-SHA256 is supported');
  }
  const amzDate = get('x-amz-date');
  if (parseAmzDate(amzDate) === null) {
    return invalid('x-amz-date', amzDate, 'X-Amz-Date must be formatted via ISO8601 Long format');
  }
  const text = get('x-amz-credential');
  const scope = parseCredential(text, amzDate, context, (message) => invalid('x-amz-credential', text, message));
  if ('ok' in scope) return scope;
  const claim = { accessKeyId: scope.accessKeyId, sessionToken: fields.get('x-amz-security-token') ?? null };
  const credential = findCredential(claim, context);
  if ('ok' in credential) return credential;
  const key = signingKey(credential, scope.scope);
  const signature = get('x-amz-signature');
  if (!sameSignature(signature, createHmac('sha256', key).update(get('policy')).digest())) {
    return doesNotMatch({ AWSAccessKeyId: scope.accessKeyId, StringToSign: get('policy') });
  }
  return {
    ok: true,
    credential,
    signedHeaders: new Set(),
    payloadHash: 'UNSIGNED-PAYLOAD',
    via: 'form',
    seed: { key, signature, amzDate, scope: scope.scope },
  };
}

const invalid = (name: string, value: string, message: string): Refusal =>
  refuse('InvalidArgument', 400, message, { ArgumentName: name, ArgumentValue: value });
