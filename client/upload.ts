import type { CreatedUpload, PutGrant, UploadRecord } from '../core/contract/records.ts';
import type { CreateBody, FinalizeBody } from '../core/contract/schemas.ts';
import { crc64Of, withCrc64 } from './checksum.ts';
import { ContentError } from './errors.ts';
import { putBytes } from './put.ts';
import { backoffMs, remedyFor } from './retry.ts';
import { sleep } from './sleep.ts';
import type { UploadSource } from './source.ts';
import type { Transport } from './transport.ts';

export type UploadProgress = {
  /** Bytes the socket has taken. */
  readonly sent: number;
  readonly size: number;
  /** 1 for the first attempt. */
  readonly attempt: number;
};

export type UploadOptions = {
  /** 64 lower-case hex digits; then S3 checks the bytes itself while they arrive. */
  readonly sha256?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly preferRegion?: string;
  readonly avoidRegions?: readonly string[];
  readonly onCreated?: (created: CreatedUpload) => void;
  readonly onProgress?: (progress: UploadProgress) => void;
  readonly signal?: AbortSignal;
};

export type UploadDeps = {
  readonly create: (body: CreateBody, signal: AbortSignal | undefined) => Promise<CreatedUpload>;
  readonly renew: (id: string, body: CreateBody, signal: AbortSignal | undefined) => Promise<CreatedUpload>;
  readonly finalize: (id: string, claims: FinalizeBody, signal: AbortSignal | undefined) => Promise<UploadRecord>;
  readonly transport: Transport;
  readonly random: () => number;
  readonly retries: number;
  readonly idleTimeoutMs: number;
};

const bodyOf = (source: UploadSource, options: UploadOptions): CreateBody => ({
  name: source.name,
  size: source.size,
  type: source.type,
  ...(options.sha256 === undefined ? {} : { sha256: options.sha256 }),
  ...(options.metadata === undefined ? {} : { metadata: options.metadata }),
  ...(options.preferRegion === undefined ? {} : { preferRegion: options.preferRegion }),
  ...(options.avoidRegions === undefined ? {} : { avoidRegions: [...options.avoidRegions] }),
});

const putGrantOf = (created: CreatedUpload): PutGrant => {
  if (created.put === undefined)
    throw new ContentError(`the gateway answered a ${created.kind} grant where a PUT was asked for`);
  return created.put;
};

/** Sends the bytes until S3 has them; returns their CRC64NVME as read here. */
const sendBytes = async (
  deps: UploadDeps,
  source: UploadSource,
  options: UploadOptions,
  body: CreateBody,
  created: CreatedUpload,
): Promise<string> => {
  let grant = putGrantOf(created);
  for (let attempt = 1; ; attempt++) {
    const { bytes, digest } = withCrc64(source.open());
    try {
      await putBytes(deps.transport, {
        grant,
        source,
        bytes,
        idleTimeoutMs: deps.idleTimeoutMs,
        onProgress: (sent) => options.onProgress?.({ sent, size: source.size, attempt }),
        signal: options.signal,
      });
      return source.size === 0 ? await crc64Of(source.open()) : await digest();
    } catch (error) {
      options.signal?.throwIfAborted();
      const remedy = remedyFor(error);
      if (remedy === 'finalize') return await crc64Of(source.open());
      if (remedy === 'stop' || attempt > deps.retries) throw error;
      if (remedy === 'again') await sleep(backoffMs(attempt, deps.random), options.signal);
      else grant = putGrantOf(await deps.renew(created.id, body, options.signal));
    }
  }
};

/** Asks for permission, sends the bytes to the nearest S3, and proves at finalize that S3 holds what was read here. */
export const createUploader =
  (deps: UploadDeps) =>
  async (source: UploadSource, options: UploadOptions = {}): Promise<UploadRecord> => {
    const body = bodyOf(source, options);
    const created = await deps.create(body, options.signal);
    options.onCreated?.(created);
    const crc64nvme = await sendBytes(deps, source, options, body, created);
    const checksum = options.sha256 === undefined ? { crc64nvme } : { sha256: options.sha256 };
    return await deps.finalize(created.id, { checksum }, options.signal);
  };
