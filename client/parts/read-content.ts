import type { FinalizeBody } from '../../core/contract/schemas.ts';
import { crc64Of, exactly } from '../checksum.ts';
import { combineCrc64 } from '../combine-crc64.ts';
import type { Job } from '../job.ts';
import type { SavedPart, SavedUpload } from '../state/saved-upload.ts';
import { compositeSha256, type ReadContent } from '../verify-record.ts';
import type { Part } from './plan-parts.ts';

/** Reads a part once for its checksum, without sending it. */
export const readPart = async (job: Job, upload: SavedUpload, part: Part): Promise<SavedPart> => {
  const bytes = exactly(job.source.open(part.start, part.start + part.size), part.size);
  return upload.partChecksum === 'sha256'
    ? { number: part.number, crc64nvme: null, sha256: await job.deps.hashes.sha256(bytes, part.size) }
    : { number: part.number, crc64nvme: await crc64Of(bytes), sha256: null };
};

const sha256sOf = (parts: readonly SavedPart[]): string[] => parts.flatMap(({ sha256 }) => sha256 ?? []);

/** The whole file's checksums from those of its parts; parts not known are read. */
export const readContent = async (
  job: Job,
  upload: SavedUpload,
  plan: readonly Part[],
  done: ReadonlyMap<number, SavedPart>,
): Promise<ReadContent & { readonly claims: FinalizeBody }> => {
  const parts: SavedPart[] = [];
  for (const part of plan) {
    job.signal.throwIfAborted();
    parts.push(done.get(part.number) ?? (await readPart(job, upload, part)));
  }
  const { size } = job.source;
  const { uploadId } = upload;
  if (upload.partChecksum === 'sha256') {
    const sha256s = sha256sOf(parts);
    return {
      size,
      checksums: { sha256: await compositeSha256(sha256s) },
      claims: { uploadId, parts: sha256s.map((sha256, index) => ({ number: index + 1, sha256 })) },
    };
  }
  const crc64nvme = combineCrc64(
    plan.map((part, index) => ({ crc64nvme: parts[index]?.crc64nvme ?? '', size: part.size })),
  );
  return { size, checksums: { crc64nvme }, claims: { uploadId, checksum: { crc64nvme } } };
};
