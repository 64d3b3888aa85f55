import { createHash, type Hash } from 'node:crypto';
import { Crc64Nvme } from '@aws-sdk/crc64-nvme';
import { ContentError } from '../../client/errors.ts';
import { parseId } from '../../core/contract/ids.ts';
import type { UploadRecordWithDownload } from '../../core/contract/records.ts';

/** Counts and hashes bytes in their order, as far as the record has something to compare. */
export type ContentCheck = {
  readonly update: (chunk: Uint8Array) => void;
  readonly length: () => number;
  /** Throws `ContentError` when the bytes are not those of the record. */
  readonly verify: () => Promise<void>;
};

type Sum = { readonly update: (chunk: Uint8Array) => void; readonly value: () => string | Promise<string> };

const wholeSha256 = (): Sum => {
  const hash = createHash('sha256');
  return { update: (chunk) => void hash.update(chunk), value: () => hash.digest('hex') };
};

const crc64 = (): Sum => {
  const crc = new Crc64Nvme();
  return {
    update: (chunk) => crc.update(chunk),
    value: async () => Buffer.from(await crc.digest()).toString('base64'),
  };
};

/** S3's SHA-256 of an object in parts: the hash of the hashes of its parts, and how many there are. */
const compositeSha256 = (partSize: number): Sum => {
  const whole = createHash('sha256');
  let parts = 0;
  let part: Hash | undefined;
  let room = 0;
  const close = () => {
    if (part === undefined) return;
    whole.update(part.digest());
    part = undefined;
    parts++;
  };
  return {
    update: (chunk) => {
      for (let offset = 0; offset < chunk.length; ) {
        if (room === 0) {
          close();
          part = createHash('sha256');
          room = partSize;
        }
        const piece = chunk.subarray(offset, offset + room);
        part?.update(piece);
        offset += piece.length;
        room -= piece.length;
      }
    },
    value: () => {
      close();
      return `${whole.digest('base64')}-${parts}`;
    },
  };
};

const sumsFor = (record: UploadRecordWithDownload): [name: string, wanted: string, sum: Sum][] => {
  const { crc64nvme, sha256: stored = '' } = record.checksums;
  const partSize = parseId(record.id)?.partSize ?? 0;
  return [
    ...(record.sha256 === null ? [] : [['sha256', record.sha256, wholeSha256()] as [string, string, Sum]]),
    ...(crc64nvme === undefined ? [] : [['crc64nvme', crc64nvme, crc64()] as [string, string, Sum]]),
    ...(/-\d+$/.test(stored) && partSize > 0
      ? [['sha256 of its parts', stored, compositeSha256(partSize)] as [string, string, Sum]]
      : []),
  ];
};

/** A check that has seen nothing yet. */
export const createContentCheck = (record: UploadRecordWithDownload): ContentCheck => {
  const sums = sumsFor(record);
  let length = 0;
  const compare = (name: string, came: unknown, wanted: unknown) => {
    if (came !== wanted)
      throw new ContentError(`the bytes that came have ${name} ${came}, the record says ${wanted}; nothing was kept`);
  };
  return {
    update: (chunk) => {
      length += chunk.length;
      for (const [, , sum] of sums) sum.update(chunk);
    },
    length: () => length,
    verify: async () => {
      if (record.size !== null) compare('length', length, record.size);
      for (const [name, wanted, sum] of sums) compare(name, await sum.value(), wanted);
    },
  };
};
