import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  type MultipartUpload,
  type Part,
  type S3Client,
} from '@aws-sdk/client-s3';
import { objectKey } from '../../core/objects/object-key.ts';
import type { Subject } from '../record/facts.ts';
import type { CompleteRequest, Completion, HeldPart, OpenUpload, PartStore } from './part-store.ts';
import { isBadDigest, isEntityTooSmall, isInvalidPart, isNoSuchUpload, isPreconditionFailed } from './s3-faults.ts';

/** Pages of open uploads looked through at most; a key has one upload, or two when two creates met. */
const UPLOAD_PAGES_MAX = 5;

const openUpload = ({ UploadId, Initiated }: MultipartUpload): OpenUpload[] =>
  UploadId === undefined ? [] : [{ uploadId: UploadId, startedMs: Initiated?.getTime() ?? 0 }];

const heldPart = ({ PartNumber, Size, ETag, ChecksumSHA256, ChecksumCRC64NVME }: Part): HeldPart => {
  if (PartNumber === undefined || Size === undefined || ETag === undefined) {
    throw new Error('S3 listed a part without number, size or ETag');
  }
  const checksums = { sha256: ChecksumSHA256 ?? null, crc64nvme: ChecksumCRC64NVME ?? null };
  return { number: PartNumber, size: Size, etag: ETag, ...checksums };
};

const completion = (error: unknown): Completion => {
  if (isNoSuchUpload(error) || isPreconditionFailed(error)) return 'unsure';
  if (isInvalidPart(error)) return 'parts_changed';
  if (isEntityTooSmall(error)) return 'part_too_small';
  if (isBadDigest(error)) return 'checksum_differs';
  throw error;
};

/** What Complete is asked: the parts as they were listed, and what S3 itself shall compare. */
const completeInput = (subject: Subject, { parts, crc64nvme }: CompleteRequest) => ({
  MultipartUpload: {
    // S3 needs the checksums of parts only for composites; others want those they listed.
    Parts: parts.map((part) => ({
      PartNumber: part.number,
      ETag: part.etag,
      ...(part.sha256 === null ? {} : { ChecksumSHA256: part.sha256 }),
      ...(part.crc64nvme === null ? {} : { ChecksumCRC64NVME: part.crc64nvme }),
    })),
  },
  MpuObjectSize: subject.upload.size,
  IfNoneMatch: '*',
  ...(crc64nvme === null ? {} : { ChecksumType: 'FULL_OBJECT' as const, ChecksumCRC64NVME: crc64nvme }),
});

/**
 * Multipart uploads of one cell on S3. `completer` is asked to complete: it tries once, because a second try of its own could only
 * learn that there is no such upload any more, and it may wait for minutes.
 */
export const createS3Parts = (deps: {
  readonly client: S3Client;
  readonly completer: S3Client;
  readonly bucket: string;
}): PartStore => {
  const at = (subject: Subject) => ({ Bucket: deps.bucket, Key: objectKey(subject) });
  return {
    listUploads: async (subject, { signal }) => {
      const { Bucket, Key } = at(subject);
      const found: OpenUpload[] = [];
      let from: { readonly KeyMarker?: string; readonly UploadIdMarker?: string } = {};
      for (let page = 0; page < UPLOAD_PAGES_MAX; page += 1) {
        const command = new ListMultipartUploadsCommand({ Bucket, Prefix: Key, ...from });
        const answer = await deps.client.send(command, { abortSignal: signal });
        found.push(...(answer.Uploads ?? []).filter((upload) => upload.Key === Key).flatMap(openUpload));
        if (answer.IsTruncated !== true || answer.NextKeyMarker === undefined) break;
        from = {
          KeyMarker: answer.NextKeyMarker,
          ...(answer.NextUploadIdMarker === undefined ? {} : { UploadIdMarker: answer.NextUploadIdMarker }),
        };
      }
      return found.sort((a, b) => a.startedMs - b.startedMs || (a.uploadId < b.uploadId ? -1 : 1));
    },
    listParts: async (subject, uploadId, after, { signal }) => {
      const command = new ListPartsCommand({
        ...at(subject),
        UploadId: uploadId,
        ...(after === 0 ? {} : { PartNumberMarker: String(after) }),
      });
      try {
        const { Parts = [], IsTruncated } = await deps.client.send(command, { abortSignal: signal });
        const parts = Parts.map(heldPart);
        return { parts, next: IsTruncated === true ? (parts.at(-1)?.number ?? null) : null };
      } catch (error) {
        if (isNoSuchUpload(error)) return null;
        throw error;
      }
    },
    complete: async (subject, request, { signal }) => {
      const command = new CompleteMultipartUploadCommand({
        ...at(subject),
        UploadId: request.uploadId,
        ...completeInput(subject, request),
      });
      try {
        await deps.completer.send(command, { abortSignal: signal });
        return 'done';
      } catch (error) {
        return completion(error);
      }
    },
    abort: async (subject, uploadId, { signal }) => {
      try {
        await deps.client.send(new AbortMultipartUploadCommand({ ...at(subject), UploadId: uploadId }), {
          abortSignal: signal,
        });
      } catch (error) {
        if (!isNoSuchUpload(error)) throw error;
      }
    },
  };
};
