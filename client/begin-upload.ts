import type { CreatedUpload, MultipartGrant, UploadRecord } from '../core/contract/records.ts';
import { crc64Of } from './checksum.ts';
import { NearputError, RegionSilentError } from './errors.ts';
import type { Run } from './job.ts';
import { deliverParts } from './parts/deliver-parts.ts';
import { sendWhole } from './send-whole.ts';
import type { SavedUpload } from './state/saved-upload.ts';
import { verifyRecord } from './verify-record.ts';

const savedOf = ({ body }: Run, created: CreatedUpload, multipart: MultipartGrant): SavedUpload => ({
  v: 1,
  id: created.id,
  uploadId: multipart.uploadId,
  partSize: multipart.partSize,
  partCount: multipart.partCount,
  partChecksum: body.partChecksum ?? 'none',
  expiresAt: created.expiresAt,
});

/** Finalizes what went in one request, with the hash that S3 holds. */
const finish = async ({ deps, body, signal }: Run, id: string, crc64nvme: string): Promise<UploadRecord> => {
  const checksum = body.sha256 === undefined ? { crc64nvme } : { sha256: body.sha256 };
  const record = await deps.finalize(id, { checksum }, signal);
  return verifyRecord(record, { size: body.size, checksums: body.sha256 === undefined ? { crc64nvme } : {} });
};

/** Sends the bytes as they were granted and finalizes. */
const deliver = async (run: Run, created: CreatedUpload, mayLeave: boolean): Promise<UploadRecord> => {
  if (created.multipart === undefined) return finish(run, created.id, await sendWhole(run, created, mayLeave));
  const upload = savedOf(run, created, created.multipart);
  await run.memory.begin(upload);
  const { parts: grants } = created.multipart;
  return deliverParts(run, { upload, done: new Map(), grants, mayLeave, onStored: run.memory.addPart });
};

/** Ends an upload that goes elsewhere. `complete`: S3 has all its bytes after all. */
const abandon = async ({ deps }: Run, id: string): Promise<'ended' | 'complete' | 'unknown'> => {
  try {
    await deps.abort(id);
    return 'ended';
  } catch (error) {
    return error instanceof NearputError && error.code === 'already_complete' ? 'complete' : 'unknown';
  }
};

const create = async (run: Run, silent: readonly string[]): Promise<CreatedUpload> => {
  const avoidRegions = [...(run.body.avoidRegions ?? []), ...silent];
  const body = avoidRegions.length === 0 ? run.body : { ...run.body, avoidRegions };
  const created = await run.deps.create(body, run.signal);
  run.onCreated(created);
  return created;
};

/** The same upload in another Region; `undefined` when there is none. */
const createElsewhere = async (run: Run, silent: readonly string[]): Promise<CreatedUpload | undefined> => {
  try {
    return await create(run, silent);
  } catch (error) {
    const isNowhere =
      error instanceof NearputError && (error.code === 'region_not_allowed' || error.code === 'region_unavailable');
    if (isNowhere) return undefined;
    throw error;
  }
};

/** Begins an upload. A Region whose S3 does not answer is left for another, as long as nothing is stored there. */
export const beginUpload = async (run: Run): Promise<UploadRecord> => {
  const silent: string[] = [];
  let created = await create(run, silent);
  for (let mayLeave = true; ; ) {
    try {
      return await deliver(run, created, mayLeave);
    } catch (error) {
      if (!(error instanceof RegionSilentError)) throw error;
      const end = await abandon(run, created.id);
      if (end === 'complete') return finish(run, created.id, await crc64Of(run.source.open()));
      if (end === 'unknown' && error.maybeStored) throw error.cause;
      silent.push(created.region);
      const elsewhere = await createElsewhere(run, silent);
      mayLeave = elsewhere !== undefined;
      created = elsewhere ?? (end === 'ended' ? await create(run, []) : created);
    }
  }
};
