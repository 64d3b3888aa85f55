import { createHmac, randomBytes } from 'node:crypto';
import type { PlainRequest, S3Target } from './requests.ts';

/** A condition as policies write it. */
export type Condition = Readonly<Record<string, string>> | readonly [string, string | number, string | number];

/** What a form is granted for, and what it says. */
export interface FormWish {
  readonly conditions: readonly Condition[];
  /** Without those of the signature. */
  readonly fields: Readonly<Record<string, string>>;
  /** Milliseconds since the epoch; default: in a minute. */
  readonly expiresAt?: number;
}

/** A form that can be changed in one thing and posted. */
export interface SignedForm {
  readonly url: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly file: Buffer;
  readonly fileName: string;
}

/** Signs a policy of these conditions and those of the signature itself. Source: Amazon S3 API reference, "POST policy". */
export function signForm(target: S3Target, wish: FormWish, file: Buffer): SignedForm {
  const { accessKeyId, sessionToken } = target.credentials;
  const amzDate = new Date().toISOString().replace(/[-:]|\.\d{3}/g, '');
  const scope = [amzDate.slice(0, 8), target.region, 's3', 'aws4_request'];
  const own: Record<string, string> = {
    'x-amz-algorithm': 'AWS4-HMAC-SHA256',
    'x-amz-credential': [accessKeyId, ...scope].join('/'),
    'x-amz-date': amzDate,
    ...(sessionToken === undefined ? {} : { 'x-amz-security-token': sessionToken }),
  };
  const policy = encodePolicy({
    expiration: new Date(wish.expiresAt ?? Date.now() + 60_000).toISOString(),
    conditions: [
      { bucket: target.bucket },
      ...wish.conditions,
      ...Object.entries(own).map(([name, value]) => ({ [name]: value })),
    ],
  });
  const signature = signPolicy(target, policy, scope);
  return {
    url: `${target.endpoint}/${target.bucket}`,
    fields: { ...wish.fields, ...own, policy, 'x-amz-signature': signature },
    file,
    fileName: 'a b.txt',
  };
}

/** A policy as a form carries it. */
export const encodePolicy = (policy: unknown): string => Buffer.from(JSON.stringify(policy)).toString('base64');

/** The signature of a policy's Base64 text. */
export function signPolicy({ credentials }: S3Target, policy: string, scope: readonly string[]): string {
  let key = Buffer.from(`AWS4${credentials.secretAccessKey}`);
  for (const piece of scope) key = createHmac('sha256', key).update(piece).digest();
  return createHmac('sha256', key).update(policy).digest('hex');
}

/** The form as a browser sends it: fields in their order, the file, then `behind`. */
export function postOf(form: SignedForm, behind: Readonly<Record<string, string>> = {}): PlainRequest {
  const boundary = `----form${randomBytes(12).toString('hex')}`;
  const field = ([name, value]: readonly [string, string]): string =>
    `--${boundary}\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
  const body = Buffer.concat([
    Buffer.from(Object.entries(form.fields).map(field).join('')),
    Buffer.from(
      `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="${form.fileName}"\r\ncontent-type: application/octet-stream\r\n\r\n`,
    ),
    form.file,
    Buffer.from(`\r\n${Object.entries(behind).map(field).join('')}--${boundary}--\r\n`),
  ]);
  return {
    method: 'POST',
    url: form.url,
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}`, 'content-length': String(body.length) },
    body,
  };
}
