import type { Call } from '../http/call.ts';
import type { Checksum, ChecksumType, ObjectVersion, Versioning } from '../store/records.ts';

const OVERRIDES = [
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-type',
  'expires',
] as const;

/** Headers of GET and HEAD: what was stored, what `response-*` parameters of the (signed) query put in its place, and what S3 adds. */
export function objectHeaders(
  call: Pick<Call, 'query' | 'header'>,
  version: ObjectVersion,
  versioning: Versioning,
): Record<string, string> {
  const headers: Record<string, string> = { ...version.headers };
  for (const name of OVERRIDES) {
    const override = call.query.get(`response-${name}`);
    if (override !== undefined) headers[name] = override;
  }
  for (const [name, value] of Object.entries(version.metadata)) headers[`x-amz-meta-${name}`] = value;
  return {
    ...headers,
    etag: `"${version.etag}"`,
    'last-modified': new Date(version.lastModified).toUTCString(),
    'accept-ranges': 'bytes',
    'x-amz-server-side-encryption': 'AES256',
    ...(version.tags?.length ? { 'x-amz-tagging-count': String(version.tags.length) } : {}),
    ...versionHeader(version.versionId, versioning),
  };
}

/** `x-amz-version-id`, where the bucket keeps versions. */
export function versionHeader(versionId: string, versioning: Versioning): Record<string, string> {
  return versioning === 'off' ? {} : { 'x-amz-version-id': versionId };
}

/** The stored checksum, for a caller that asked with `x-amz-checksum-mode: ENABLED`. */
export function checksumHeaders(
  call: Pick<Call, 'query' | 'header'>,
  { checksum }: { readonly checksum?: Checksum },
): Record<string, string> {
  const mode = call.header('x-amz-checksum-mode') ?? call.query.get('x-amz-checksum-mode');
  return checksum && mode?.toUpperCase() === 'ENABLED' ? ofChecksum(checksum) : {};
}

/** What is said of an object that was just stored. */
export function storedHeaders(
  { etag, checksum, versionId }: Pick<ObjectVersion, 'etag' | 'checksum' | 'versionId'>,
  versioning: Versioning,
): Record<string, string> {
  return {
    etag: `"${etag}"`,
    'x-amz-server-side-encryption': 'AES256',
    ...ofChecksum(checksum),
    ...versionHeader(versionId, versioning),
  };
}

function ofChecksum(checksum: Checksum): Record<string, string> {
  return {
    [`x-amz-checksum-${checksum.algorithm}`]: checksum.value,
    'x-amz-checksum-type': checksumType(checksum),
  };
}

/** Whether a checksum is of the bytes or of the parts' checksums. */
export const checksumType = ({ composite }: Checksum): ChecksumType => (composite ? 'COMPOSITE' : 'FULL_OBJECT');
