import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  type HeadObjectCommandOutput,
  type S3Client,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { objectKey } from '../../core/objects/object-key.ts';
import type { ObjectStore } from './object-store.ts';
import { isDeleteMarker, isNoSuchKey } from './s3-faults.ts';
import { type HeadFacts, seeVersion } from './see.ts';

/** S3's checksum members and the names they have in a record. */
const CHECKSUMS = [
  ['crc32', 'ChecksumCRC32'],
  ['crc32c', 'ChecksumCRC32C'],
  ['crc64nvme', 'ChecksumCRC64NVME'],
  ['sha1', 'ChecksumSHA1'],
  ['sha256', 'ChecksumSHA256'],
] as const;

const checksumsOf = (output: HeadObjectCommandOutput): Record<string, string> => {
  const checksums: Record<string, string> = {};
  for (const [name, member] of CHECKSUMS) {
    const value = output[member];
    if (value !== undefined) checksums[name] = value;
  }
  return checksums;
};

const factsOf = (output: HeadObjectCommandOutput): HeadFacts => {
  if (output.LastModified === undefined) throw new Error('S3 answered a HEAD without Last-Modified');
  return {
    contentLength: output.ContentLength,
    contentType: output.ContentType,
    contentEncoding: output.ContentEncoding,
    cacheControl: output.CacheControl,
    contentDisposition: output.ContentDisposition,
    contentLanguage: output.ContentLanguage,
    expires: output.ExpiresString,
    websiteRedirectLocation: output.WebsiteRedirectLocation,
    metadata: output.Metadata ?? {},
    checksums: checksumsOf(output),
    versionId: output.VersionId ?? 'null',
    etag: output.ETag ?? null,
    lastModifiedMs: output.LastModified.getTime(),
  };
};

/** The uploads bucket of one cell on S3. `now` is milliseconds since 1970. */
export const createS3Store = (deps: {
  readonly client: S3Client;
  readonly bucket: string;
  readonly now: () => number;
}): ObjectStore => {
  const Bucket = deps.bucket;
  return {
    head: async (subject, versionId, { signal }) => {
      const command = new HeadObjectCommand({
        Bucket,
        Key: objectKey(subject),
        ChecksumMode: 'ENABLED',
        ...(versionId === null ? {} : { VersionId: versionId }),
      });
      try {
        return seeVersion(subject, factsOf(await deps.client.send(command, { abortSignal: signal })));
      } catch (error) {
        if (isNoSuchKey(error)) return { found: false, deleteMarker: isDeleteMarker(error) };
        throw error;
      }
    },
    deleteVersion: async (subject, versionId, { signal }) => {
      const command = new DeleteObjectCommand({ Bucket, Key: objectKey(subject), VersionId: versionId });
      await deps.client.send(command, { abortSignal: signal });
    },
    presignDownload: async ({ key, versionId, ttl, contentType, contentDisposition }) => {
      const at = Math.floor(deps.now() / 1_000) * 1_000;
      const command = new GetObjectCommand({
        Bucket,
        Key: key,
        VersionId: versionId,
        ResponseContentType: contentType,
        ResponseContentDisposition: contentDisposition,
      });
      const url = await getSignedUrl(deps.client, command, { expiresIn: ttl, signingDate: new Date(at) });
      return { url, expiresAt: new Date(at + ttl * 1_000).toISOString() };
    },
  };
};
