import type { WireRequest } from './wire.ts';

const BOUNDARY = '----nearput7MA4YWxkTrZu0gW';

/** A form as a browser fills it in: fields, then the file, then what comes after the file. */
export type FilledForm = {
  readonly url: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly file: Buffer;
  readonly fileName?: string;
  readonly after?: Readonly<Record<string, string>>;
};

const field = ([name, value]: readonly [string, string]): string =>
  `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;

/** The form as multipart/form-data (RFC 7578). */
export const postOf = ({ url, fields, file, fileName = 'photo of me.jpg', after = {} }: FilledForm): WireRequest => {
  const body = Buffer.concat([
    Buffer.from(Object.entries(fields).map(field).join('')),
    Buffer.from(
      `--${BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="${fileName}"\r\nContent-Type: application/octet-stream\r\n\r\n`,
    ),
    file,
    Buffer.from(`\r\n${Object.entries(after).map(field).join('')}--${BOUNDARY}--\r\n`),
  ]);
  return {
    method: 'POST',
    url,
    headers: {
      host: new URL(url).host,
      'content-type': `multipart/form-data; boundary=${BOUNDARY}`,
      'content-length': String(body.length),
    },
    body,
  };
};

const withField = (form: FilledForm, name: string, value: string): FilledForm => {
  if (form.fields[name] === value) throw new Error(`the lie changes nothing: ${name}`);
  return { ...form, fields: { ...form.fields, [name]: value } };
};

const withoutField = (form: FilledForm, name: string): FilledForm => ({
  ...form,
  fields: Object.fromEntries(Object.entries(form.fields).filter(([own]) => own !== name)),
});

const withPolicy = (form: FilledForm, change: (policy: string) => string): FilledForm => {
  const policy = Buffer.from(form.fields['policy'] ?? '', 'base64').toString('utf8');
  return withField(form, 'policy', Buffer.from(change(policy)).toString('base64'));
};

const last = (text: string | undefined, to: string): string => `${(text ?? '').slice(0, -1)}${to}`;
const swap = (text: string | undefined): string => last(text, text?.endsWith('a') ? 'b' : 'a');

const anotherSecond = (date = ''): string => date.replace(/\dZ$/, (end) => (end === '8Z' ? '7Z' : '8Z'));

type FormLie = readonly [lie: string, code: string, tell: (form: FilledForm) => FilledForm];

/** One thing changed in a granted form that declares a SHA-256; S3's error code for it; every server has to refuse each and store nothing. */
export const FORM_LIES: readonly FormLie[] = [
  ['another key', 'AccessDenied', (form) => withField(form, 'key', swap(form.fields['key']))],
  [
    "the file's name in its key",
    'AccessDenied',
    (form) => withField(form, 'key', `${form.fields['key']}\u0024{filename}`),
  ],
  ['no key', 'InvalidArgument', (form) => withoutField(form, 'key')],
  ['another type', 'AccessDenied', (form) => withField(form, 'Content-Type', 'text/html')],
  ['no type', 'AccessDenied', (form) => withoutField(form, 'Content-Type')],
  ['one byte more', 'EntityTooLarge', (form) => ({ ...form, file: Buffer.concat([form.file, Buffer.from('!')]) })],
  ['one byte fewer', 'EntityTooSmall', (form) => ({ ...form, file: form.file.subarray(1) })],
  ['other bytes of the same length', 'BadDigest', (form) => ({ ...form, file: Buffer.alloc(form.file.length, 'x') })],
  [
    'another checksum',
    'AccessDenied',
    (form) => withField(form, 'x-amz-checksum-sha256', Buffer.alloc(32).toString('base64')),
  ],
  ['no checksum', 'AccessDenied', (form) => withoutField(form, 'x-amz-checksum-sha256')],
  ['another checksum algorithm', 'AccessDenied', (form) => withField(form, 'x-amz-checksum-algorithm', 'CRC32')],
  ['no checksum algorithm', 'AccessDenied', (form) => withoutField(form, 'x-amz-checksum-algorithm')],
  ['another grant', 'AccessDenied', (form) => withField(form, 'x-amz-meta-nearput', 'eyJ2IjoxfQ')],
  ['no grant', 'AccessDenied', (form) => withoutField(form, 'x-amz-meta-nearput')],
  ['metadata that was not granted', 'AccessDenied', (form) => withField(form, 'x-amz-meta-more', '1')],
  ['a header that was not granted', 'AccessDenied', (form) => withField(form, 'Content-Encoding', 'gzip')],
  ['an access rule', 'AccessDenied', (form) => withField(form, 'acl', 'public-read')],
  ['another status', 'AccessDenied', (form) => withField(form, 'success_action_status', '200')],
  ['no status', 'AccessDenied', (form) => withoutField(form, 'success_action_status')],
  ['a redirect', 'AccessDenied', (form) => withField(form, 'success_action_redirect', 'https://evil.example/')],
  ['another time', 'AccessDenied', (form) => withField(form, 'x-amz-date', anotherSecond(form.fields['x-amz-date']))],
  ['no time', 'InvalidArgument', (form) => withoutField(form, 'x-amz-date')],
  ['another algorithm', 'InvalidArgument', (form) => withField(form, 'x-amz-algorithm', 'AWS4-HMAC-SHA1')],
  ['no algorithm', 'InvalidArgument', (form) => withoutField(form, 'x-amz-algorithm')],
  ['no credential', 'InvalidArgument', (form) => withoutField(form, 'x-amz-credential')],
  [
    'another Region',
    'InvalidArgument',
    (form) =>
      withField(
        form,
        'x-amz-credential',
        (form.fields['x-amz-credential'] ?? '').replace(/\/[a-z0-9-]+\/s3\//, '/ap-southeast-2/s3/'),
      ),
  ],
  [
    'another key id',
    'InvalidAccessKeyId',
    (form) => withField(form, 'x-amz-credential', `Z${form.fields['x-amz-credential']?.slice(1)}`),
  ],
  [
    'a longer life',
    'SignatureDoesNotMatch',
    (form) => withPolicy(form, (policy) => policy.replace(/"20\d\d-/, '"2090-')),
  ],
  [
    'a wider length',
    'SignatureDoesNotMatch',
    (form) => withPolicy(form, (policy) => policy.replace(/(range",\d+,)\d+/, '$199999')),
  ],
  ['no policy', 'InvalidArgument', (form) => withoutField(form, 'policy')],
  [
    'another signature',
    'SignatureDoesNotMatch',
    (form) => withField(form, 'x-amz-signature', swap(form.fields['x-amz-signature'])),
  ],
  ['no signature', 'InvalidArgument', (form) => withoutField(form, 'x-amz-signature')],
];

const withSession = (form: FilledForm, token: string): FilledForm => withField(form, 'x-amz-security-token', token);

/** The same for a form signed with the credentials of a session. */
export const SESSION_FORM_LIES: readonly FormLie[] = [
  ['another session token', 'InvalidToken', (form) => withSession(form, 'another')],
  ['no session token', 'InvalidAccessKeyId', (form) => withoutField(form, 'x-amz-security-token')],
];
