import { createHash } from 'node:crypto';
import { PROBLEMS, type ProblemCode } from '../../core/contract/problems.ts';
import type { CreateBody } from '../../core/contract/schemas.ts';
import { crc64Of } from '../checksum.ts';
import type { TransportAnswer } from '../transport.ts';

/** One upload of the fake cloud. */
export type FakeUpload = {
  readonly id: string;
  readonly region: string;
  readonly kind: 'put' | 'form' | 'multipart';
  readonly body: CreateBody;
  readonly partSize: number;
  readonly parts: Map<number, Buffer>;
  readonly declared: Map<number, string>;
  state: 'open' | 'UPLOADED' | 'ABORTED' | 'EXPIRED';
  object: Buffer | undefined;
};

/** A JSON answer. */
export const json = (status: number, body: unknown, headers: Record<string, string> = {}): TransportAnswer => ({
  status,
  headers,
  body: JSON.stringify(body),
});

/** A problem of the gateway. */
export const problem = (code: ProblemCode): TransportAnswer =>
  json(PROBLEMS[code].status, {
    code,
    status: PROBLEMS[code].status,
    detail: code,
    requestId: 'r',
    title: '',
    type: '',
  });

/** S3's XML error. */
export const s3Error = (status: number, code: string, message = 'no'): TransportAnswer => ({
  status,
  headers: {},
  body: `<Error><Code>${code}</Code><Message>${message}</Message></Error>`,
});

/** A hash of bytes at hand. */
export const hash = (algorithm: string, bytes: Buffer) => createHash(algorithm).update(bytes);
const once = async function* (bytes: Buffer) {
  yield bytes;
};

/** CRC64NVME as S3 writes it. */
export const crc64OfBytes = (bytes: Buffer): Promise<string> => crc64Of(once(bytes));

/** Whole numbers from `from` to `to`. */
export const range = (from: number, to: number) =>
  Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i);

/** Parts of an upload. */
export const partCountOf = (upload: FakeUpload) => Math.max(1, Math.ceil(upload.body.size / upload.partSize));

/** Bytes that a part must have. */
export const sizeOf = (upload: FakeUpload, number: number) =>
  Math.min(upload.partSize, upload.body.size - (number - 1) * upload.partSize);

/** Checksums as S3 shows them in a record. */
export const checksumsOf = async (upload: FakeUpload): Promise<Record<string, string>> => {
  const object = upload.object ?? Buffer.alloc(0);
  if (upload.body.partChecksum !== 'sha256') return { crc64nvme: await crc64OfBytes(object) };
  const count = partCountOf(upload);
  const composite = createHash('sha256');
  for (const number of range(1, count)) {
    const start = (number - 1) * upload.partSize;
    composite.update(hash('sha256', object.subarray(start, start + upload.partSize)).digest());
  }
  return { sha256: `${composite.digest('base64')}-${count}` };
};

/** What `GET …/parts` answers. */
export const listParts = (upload: FakeUpload): TransportAnswer => {
  if (upload.state === 'ABORTED') return problem('upload_aborted');
  if (upload.state === 'EXPIRED') return problem('upload_expired');
  if (upload.state === 'UPLOADED') return problem('already_complete');
  const all = range(1, partCountOf(upload));
  return json(200, {
    uploadId: `mpu-${upload.id}`,
    partSize: upload.partSize,
    partCount: partCountOf(upload),
    parts: [...upload.parts].map(([number, bytes]) => ({
      number,
      size: bytes.length,
      etag: `"${hash('md5', bytes).digest('hex')}"`,
      sha256: upload.body.partChecksum === 'sha256' ? hash('sha256', bytes).digest('hex') : null,
    })),
    missing: all.filter((number) => !upload.parts.has(number)),
    wrong: all.filter((number) => {
      const bytes = upload.parts.get(number);
      return bytes !== undefined && bytes.length !== sizeOf(upload, number);
    }),
  });
};
