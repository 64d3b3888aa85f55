import { grantDigest } from '../contract/grant.ts';
import type { ParsedId } from '../contract/ids.ts';
import { LOG_VALUE_MAX_LENGTH } from '../contract/limits.ts';
import { GRANT_METADATA_HEADER } from '../contract/routes.ts';
import { decodeGrantMetadata, type GrantMetadata } from './grant-metadata.ts';
import { partCount } from './plan-parts.ts';

/** What one HEAD of a version shows, asked with checksum mode ENABLED; absent facts are `undefined`. */
export type ObjectHead = {
  readonly contentLength: number | undefined;
  readonly contentType: string | undefined;
  readonly contentEncoding?: string | undefined;
  readonly cacheControl?: string | undefined;
  readonly contentDisposition?: string | undefined;
  readonly contentLanguage?: string | undefined;
  /** The header as it is stored, also if it is no date. */
  readonly expires?: string | undefined;
  readonly websiteRedirectLocation?: string | undefined;
  /** User metadata, lower-case names without `x-amz-meta-`. */
  readonly metadata: Readonly<Record<string, string>>;
  /** S3's lower-case algorithm names and S3's own values. */
  readonly checksums: Readonly<Record<string, string>>;
};

/** Why an object is not the one that was granted. */
export const REJECTIONS = ['grant', 'size', 'type', 'checksum', 'headers'] as const;
export type RejectionCode = (typeof REJECTIONS)[number];

export type HeadComparison =
  | { readonly ok: true; readonly grant: GrantMetadata }
  | { readonly ok: false; readonly code: RejectionCode; readonly detail: string };

const METADATA_NAME = GRANT_METADATA_HEADER.slice('x-amz-meta-'.length);

const UNGRANTED = [
  ['contentEncoding', 'Content-Encoding'],
  ['cacheControl', 'Cache-Control'],
  ['contentDisposition', 'Content-Disposition'],
  ['contentLanguage', 'Content-Language'],
  ['expires', 'Expires'],
  ['websiteRedirectLocation', 'x-amz-website-redirect-location'],
] as const;

const ownValue = (values: Readonly<Record<string, string>>, name: string): string | undefined =>
  Object.hasOwn(values, name) ? values[name] : undefined;

const quote = (value: string | undefined): string =>
  value === undefined ? 'none' : JSON.stringify(value.slice(0, LOG_VALUE_MAX_LENGTH).toWellFormed());

const refuse = (code: RejectionCode, detail: string): HeadComparison => ({ ok: false, code, detail });

const grantOf = (upload: ParsedId, head: ObjectHead): GrantMetadata | undefined => {
  const grant = decodeGrantMetadata(ownValue(head.metadata, METADATA_NAME));
  if (grant === undefined || grant.id !== upload.id) return undefined;
  const digest = grantDigest({
    ...grant,
    kind: upload.kind,
    checksumMode: upload.checksumMode,
    partSize: upload.partSize,
  });
  return digest.equals(upload.grantDigest) ? grant : undefined;
};

/**
 * What `fetch` and XMLHttpRequest add by themselves to a request with `If-None-Match`, so that S3 stores it with every browser's and Node's PUTs;
 * it is harmless. Sources: Fetch standard, "HTTP-network-or-cache fetch", cache mode `no-store`; Chromium's network stack, which validates instead.
 */
const ADDED_BY_FETCH: ReadonlySet<string | undefined> = new Set(['no-cache', 'max-age=0']);

/**
 * Whether S3 holds the kind of checksum that a multipart upload was started with: the SHA-256 of all parts' SHA-256, followed by how many
 * they are, or the CRC-64/NVME of the whole object. Source: "Checking object integrity" (Amazon S3 User Guide).
 */
const hasPlannedChecksum = (upload: ParsedId, checksums: ObjectHead['checksums']): boolean => {
  if (upload.kind !== 'multipart') return true;
  if (upload.checksumMode === 'none') return /^[A-Za-z0-9+/]{11}=$/.test(ownValue(checksums, 'crc64nvme') ?? '');
  return ownValue(checksums, 'sha256')?.endsWith(`-${partCount(upload)}`) ?? false;
};

const ungrantedHeader = (head: ObjectHead): string | undefined => {
  for (const [member, name] of UNGRANTED) {
    const value = head[member];
    if (member === 'cacheControl' && ADDED_BY_FETCH.has(value)) continue;
    if (value !== undefined && value !== '') return `${name} ${quote(value)}`;
  }
  const other = Object.keys(head.metadata).find((name) => name !== METADATA_NAME);
  return other === undefined ? undefined : `metadata ${quote(other)}`;
};

/**
 * Whether an object is the one its id was granted for: grant metadata that the id's digest binds, declared size, type
 * and SHA-256, the kind of checksum its parts were planned with, and no stored header that was not granted. Pure; `grant` is what the metadata says, proven.
 */
export const compareHead = (upload: ParsedId, head: ObjectHead): HeadComparison => {
  const grant = grantOf(upload, head);
  if (grant === undefined) return refuse('grant', 'The object does not carry the metadata of this grant.');
  if (head.contentLength !== grant.size) {
    return refuse(
      'size',
      `The object has ${head.contentLength ?? 'an unknown number of'} bytes, ${grant.size} were declared.`,
    );
  }
  if (head.contentType !== grant.type) {
    return refuse('type', `The object has the type ${quote(head.contentType)}, ${quote(grant.type)} was declared.`);
  }
  if (grant.sha256 !== null) {
    const declared = Buffer.from(grant.sha256, 'hex').toString('base64');
    const held = ownValue(head.checksums, 'sha256');
    if (held !== declared)
      return refuse('checksum', `The object has the SHA-256 ${quote(held)}, ${quote(declared)} was declared.`);
  }
  if (!hasPlannedChecksum(upload, head.checksums)) {
    return refuse('checksum', 'The object does not have the kind of checksum that its parts were planned with.');
  }
  const ungranted = ungrantedHeader(head);
  if (ungranted !== undefined)
    return refuse('headers', `The object was stored with ${ungranted}, which was not granted.`);
  return { ok: true, grant };
};
