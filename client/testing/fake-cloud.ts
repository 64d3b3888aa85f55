import { AUTO_PUT_MAX_BYTES } from '../../core/contract/limits.ts';
import type { PartGrant } from '../../core/contract/records.ts';
import type { CreateBody, FinalizeBody } from '../../core/contract/schemas.ts';
import { ConnectionError } from '../errors.ts';
import type { PutRequest, Transport, TransportAnswer, TransportRequest } from '../transport.ts';
import {
  checksumsOf,
  crc64OfBytes,
  type FakeUpload,
  hash,
  json,
  listParts,
  partCountOf,
  problem,
  range,
  s3Error,
  sizeOf,
} from './fake-upload.ts';

/** A gateway and its S3 in memory, behind a transport. Part sizes are as small as a test likes. */

const PAGE = 200;

/** One PUT that reached the fake S3. */
export type PutAttempt = {
  readonly id: string;
  readonly region: string;
  /** 0 for a whole file. */
  readonly number: number;
  /** How often this number was tried before. */
  readonly before: number;
  readonly bytes: Buffer;
};

/**
 * What a PUT meets instead of plain success: an error of the line, an S3 answer, or `lost`: stored, but the answer is not.
 * A `Buffer` is stored instead of what was sent.
 */
export type Fault = Error | TransportAnswer | 'lost' | Buffer | undefined;

export type FakeCloudOptions = {
  readonly partSize?: number;
  readonly regions?: readonly string[];
  /** Base of S3's URLs; `https://{region}.s3` unless said. */
  readonly s3?: () => string;
  readonly fault?: (attempt: PutAttempt) => Fault | Promise<Fault>;
  /** Answers a call of the gateway before the gateway does. */
  readonly answer?: (route: string, body: unknown) => TransportAnswer | Error | undefined;
};

/** The file of a form: what stands between the head of the last field and the closing boundary. */
const fileOfForm = (form: Buffer): Buffer =>
  form.subarray(form.indexOf('\r\n\r\n', form.indexOf('name="file"')) + 4, form.lastIndexOf('\r\n--nearput-'));

/** Starts empty. Everything that happened can be read from what it gives. */
export const createFakeCloud = (options: FakeCloudOptions = {}) => {
  const { partSize: defaultPartSize = 10, regions = ['euw1', 'use1'] } = options;
  const uploads = new Map<string, FakeUpload>();
  const calls: { readonly route: string; readonly body: unknown }[] = [];
  const puts: PutAttempt[] = [];
  let generation = 0;
  let oldestGood = 0;
  let running = 0;
  let mostRunning = 0;
  let fault = options.fault;

  const urlOf = (upload: FakeUpload, number: number) =>
    `${options.s3?.() ?? `https://${upload.region}.s3`}/${upload.id}/${number}/${generation}`;
  const grantOf = (upload: FakeUpload, number: number): PartGrant => ({
    number,
    size: sizeOf(upload, number),
    url: urlOf(upload, number),
    headers: {},
    expiresAt: '2026-11-21T00:15:00.000Z',
  });
  const create = (body: CreateBody): TransportAnswer => {
    const region = regions.find((code) => !(body.avoidRegions ?? []).includes(code));
    if (region === undefined) return problem('region_not_allowed');
    const { method = 'auto' } = body;
    const kind = method === 'auto' ? (body.size > AUTO_PUT_MAX_BYTES ? 'multipart' : 'put') : method;
    const upload: FakeUpload = {
      id: `${region}_${uploads.size + 1}`,
      region,
      kind,
      body,
      partSize: body.partSize ?? defaultPartSize,
      parts: new Map(),
      declared: new Map(),
      state: 'open',
      object: undefined,
    };
    uploads.set(upload.id, upload);
    generation++;
    const numbers = body.partChecksum === 'sha256' ? [] : range(1, Math.min(PAGE, partCountOf(upload)));
    return json(201, {
      id: upload.id,
      kind,
      state: 'CREATED',
      region,
      regionReason: 'default',
      createdAt: '2026-11-21T00:00:00.000Z',
      expiresAt: '2026-11-28T00:00:00.000Z',
      ...(kind === 'put' ? { put: { method: 'PUT', url: urlOf(upload, 0), headers: {}, expiresAt: '' } } : {}),
      ...(kind === 'form'
        ? { form: { url: urlOf(upload, 0), fields: { key: 'k"1', policy: 'p' }, expiresAt: '' } }
        : {}),
      ...(kind === 'multipart'
        ? {
            multipart: {
              uploadId: `mpu-${upload.id}`,
              partSize: upload.partSize,
              partCount: partCountOf(upload),
              parts: numbers.map((number) => grantOf(upload, number)),
            },
          }
        : {}),
    });
  };

  const sign = (upload: FakeUpload, body: { numbers: number[]; sha256?: string[] }): TransportAnswer => {
    if (body.numbers.length > PAGE) return problem('request_invalid');
    const hashed = upload.body.partChecksum === 'sha256';
    if (hashed !== (body.sha256 !== undefined) || (hashed && body.sha256?.length !== body.numbers.length))
      return problem('request_invalid');
    generation++;
    for (const [index, number] of body.numbers.entries()) {
      const sha256 = body.sha256?.[index];
      if (sha256 !== undefined) upload.declared.set(number, sha256);
    }
    return json(200, {
      uploadId: `mpu-${upload.id}`,
      parts: body.numbers.map((number) => grantOf(upload, number)),
    });
  };

  const finalize = async (upload: FakeUpload, claims: FinalizeBody): Promise<TransportAnswer> => {
    if (upload.state === 'ABORTED') return problem('upload_aborted');
    if (upload.state === 'EXPIRED') return problem('upload_expired');
    const numbers = range(1, partCountOf(upload));
    const multipart = upload.kind === 'multipart';
    if (upload.state === 'open' && multipart && numbers.some((number) => !upload.parts.has(number)))
      return problem('parts_missing');
    const object = multipart
      ? Buffer.concat(numbers.map((n) => upload.parts.get(n) ?? Buffer.alloc(0)))
      : upload.object;
    if (object === undefined) return problem('bytes_missing');
    const hashed = upload.body.partChecksum === 'sha256';
    const crc64nvme = await crc64OfBytes(object);
    if (claims.checksum?.crc64nvme !== undefined) {
      if (hashed) return problem('request_invalid');
      if (claims.checksum.crc64nvme !== crc64nvme) return problem('content_mismatch');
    }
    for (const { number, sha256 } of claims.parts ?? []) {
      if (sha256 !== hash('sha256', upload.parts.get(number) ?? Buffer.alloc(0)).digest('hex'))
        return problem('part_mismatch');
    }
    upload.state = 'UPLOADED';
    upload.object = object;
    return json(200, {
      id: upload.id,
      state: 'UPLOADED',
      region: upload.region,
      size: object.length,
      checksums: await checksumsOf(upload),
    });
  };

  const gateway = async (request: TransportRequest): Promise<TransportAnswer> => {
    const { pathname } = new URL(request.url);
    const [, , , id, action = 'show'] = pathname.split('/');
    const route = id === undefined ? 'create' : request.method === 'GET' && action === 'parts' ? 'list' : action;
    const body: unknown = JSON.parse(request.body ?? 'null');
    calls.push({ route, body });
    const scripted = options.answer?.(route, body);
    if (scripted instanceof Error) throw scripted;
    if (scripted !== undefined) return scripted;
    if (id === undefined) return create(body as CreateBody);
    const upload = uploads.get(id);
    if (upload === undefined) return problem('upload_not_found');
    if (action === 'parts') {
      return request.method === 'GET'
        ? listParts(upload)
        : sign(upload, body as { numbers: number[]; sha256?: string[] });
    }
    if (action === 'finalize') return finalize(upload, body as FinalizeBody);
    if (action === 'show') {
      const url = `${options.s3?.() ?? `https://${upload.region}.s3`}/${upload.id}/0/${generation}`;
      const { name, type, size } = upload.body;
      return json(200, {
        id: upload.id,
        state: upload.state,
        region: upload.region,
        ...{ name, type, size, sha256: null, etag: '"e"', checksums: await checksumsOf(upload) },
        download: upload.state === 'UPLOADED' ? { url, expiresAt: '' } : null,
      });
    }
    if (action === 'abort') {
      if (upload.state === 'UPLOADED' || upload.object !== undefined) return problem('already_complete');
      upload.state = 'ABORTED';
      return { status: 204, headers: {}, body: '' };
    }
    throw new Error(`the fake gateway has no ${action}`);
  };

  const store = (upload: FakeUpload, number: number, bytes: Buffer): TransportAnswer => {
    if (number === 0) {
      if (upload.object !== undefined && upload.kind !== 'form') return s3Error(412, 'PreconditionFailed');
      upload.object = bytes;
      return { status: 200, headers: {}, body: '' };
    }
    if (upload.state !== 'open') return s3Error(404, 'NoSuchUpload');
    const declared = upload.declared.get(number);
    if (declared !== undefined && declared !== hash('sha256', bytes).digest('hex')) return s3Error(400, 'BadDigest');
    upload.parts.set(number, bytes);
    return { status: 200, headers: {}, body: '' };
  };

  const receive = async (request: PutRequest): Promise<Buffer> => {
    const chunks: Buffer[] = [];
    let sent = 0;
    for await (const chunk of request.body) {
      request.signal?.throwIfAborted();
      chunks.push(Buffer.from(chunk));
      sent += chunk.length;
      request.onProgress?.(sent);
    }
    if (sent !== request.size) throw new Error(`${sent} bytes came instead of ${request.size}`);
    return Buffer.concat(chunks);
  };

  const storage = async (request: PutRequest): Promise<TransportAnswer> => {
    request.signal?.throwIfAborted();
    const { pathname } = new URL(request.url);
    const [, id = '', part, signedIn] = pathname.split('/');
    const upload = uploads.get(id);
    if (upload === undefined) return s3Error(404, 'NoSuchUpload');
    const number = Number(part);
    const before = puts.filter((put) => put.id === id && put.number === number).length;
    if (Number(signedIn) < oldestGood) return s3Error(403, 'AccessDenied', 'Request has expired');
    const received = await receive(request);
    const bytes = request.method === 'POST' ? fileOfForm(received) : received;
    const attempt = { id, region: upload.region, number, before, bytes };
    puts.push(attempt);
    const met = await fault?.(attempt);
    request.signal?.throwIfAborted();
    if (met instanceof Error) throw met;
    if (Buffer.isBuffer(met)) return store(upload, number, met);
    if (met === 'lost') {
      store(upload, number, bytes);
      throw new ConnectionError('reset', 'the answer was lost');
    }
    return met ?? store(upload, number, bytes);
  };

  const transport: Transport = {
    send: gateway,
    put: async (request) => {
      running++;
      mostRunning = Math.max(mostRunning, running);
      try {
        return await storage(request);
      } finally {
        running--;
      }
    },
  };

  const downloads: { readonly start: number; readonly ifMatch: string | undefined }[] = [];
  return {
    transport,
    calls,
    puts,
    uploads,
    downloads,
    /** Whether a download that breaks stays open, instead of being closed. */
    hang: false,
    /** After how many bytes from `start` a download breaks; `undefined` for not at all. */
    cutDownload: undefined as ((start: number) => number | undefined) | undefined,
    routes: () => calls.map(({ route }) => route),
    mostRunning: () => mostRunning,
    /** URLs signed so far are refused from now on. */
    expireUrls: () => {
      oldestGood = ++generation;
    },
    setFault: (next: FakeCloudOptions['fault']) => {
      fault = next;
    },
  };
};

export type FakeCloud = ReturnType<typeof createFakeCloud>;
