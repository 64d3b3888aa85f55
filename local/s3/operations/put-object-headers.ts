import { fault, notImplemented } from '../errors.ts';
import type { Call } from '../http/call.ts';
import type { Description } from '../store/records.ts';
import { readTagHeader } from './tags.ts';

/** All user metadata together, in bytes of names (without prefix) and values. Source: Amazon S3, working with object metadata. */
export const METADATA_MAX_BYTES = 2_048;

const KEPT = ['cache-control', 'content-disposition', 'content-language', 'content-type', 'expires'] as const;

/** Headers that would change what is stored, in ways this platform does not keep: refused rather than forgotten. */
const NOT_KEPT = [
  'x-amz-website-redirect-location',
  'x-amz-object-lock-mode',
  'x-amz-object-lock-retain-until-date',
  'x-amz-object-lock-legal-hold',
  'x-amz-server-side-encryption-customer-algorithm',
  'x-amz-server-side-encryption-aws-kms-key-id',
  'x-amz-write-offset-bytes',
  'x-amz-grant-full-control',
  'x-amz-grant-read',
  'x-amz-grant-read-acp',
  'x-amz-grant-write-acp',
] as const;

/** Where a description is read from: the headers of a request, or the fields of a form. */
export interface DescriptionSource {
  readonly header: (name: string) => string | undefined;
  /** All headers by lower-case name, one character for each byte. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** What a request's headers say of the object. */
export const headersOf = ({ header, request }: Pick<Call, 'header' | 'request'>): DescriptionSource => ({
  header,
  headers: request.headers,
});

/** System headers, metadata and tags that are kept with an object; what cannot be kept is refused. */
export function readDescription({ header, headers: all }: DescriptionSource): Description {
  for (const name of NOT_KEPT) if (header(name) !== undefined) throw notImplemented(name);
  const acl = header('x-amz-acl');
  if (acl !== undefined && acl !== 'bucket-owner-full-control') throw fault('AccessControlListNotSupported');
  const encryption = header('x-amz-server-side-encryption');
  if (encryption !== undefined && encryption !== 'AES256') throw notImplemented('x-amz-server-side-encryption');
  const storage = header('x-amz-storage-class');
  if (storage !== undefined && storage !== 'STANDARD') throw notImplemented('x-amz-storage-class');
  const headers: Record<string, string> = { 'content-type': 'binary/octet-stream' };
  for (const name of KEPT) {
    const value = header(name);
    if (value !== undefined && value !== '') headers[name] = value;
  }
  const encoding = contentEncoding(header('content-encoding'));
  if (encoding !== '') headers['content-encoding'] = encoding;
  const tags = readTagHeader(header('x-amz-tagging'));
  return { headers, metadata: readMetadata(all), ...(tags.length > 0 ? { tags } : {}) };
}

/** `aws-chunked` describes the transfer, not the object. */
function contentEncoding(value: string | undefined): string {
  return (value ?? '')
    .split(',')
    .map((coding) => coding.trim())
    .filter((coding) => coding !== '' && coding.toLowerCase() !== 'aws-chunked')
    .join(',');
}

function readMetadata(headers: DescriptionSource['headers']): Record<string, string> {
  const metadata: Record<string, string> = {};
  let size = 0;
  for (const [name, value] of Object.entries(headers)) {
    if (!name.startsWith('x-amz-meta-') || value === undefined) continue;
    const text = String(value);
    metadata[name.slice('x-amz-meta-'.length)] = text;
    size += name.length - 'x-amz-meta-'.length + text.length; // node gives one character for each byte
  }
  if (size > METADATA_MAX_BYTES) {
    throw fault('MetadataTooLarge', {
      details: { Size: String(size), MaxSizeAllowed: String(METADATA_MAX_BYTES) },
    });
  }
  return metadata;
}
