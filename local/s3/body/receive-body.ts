import type { FileHandle } from 'node:fs/promises';
import { fault } from '../errors.ts';
import type { Call } from '../http/call.ts';
import type { Checksum } from '../store/records.ts';
import { decodeAwsChunked, type Trailers } from './aws-chunked.ts';
import type { BodyRules } from './body-rules.ts';
import { createHasher, type Hasher, isChecksumValue } from './checksum.ts';
import { readRequest } from './read-request.ts';

/** A body that is whole, as declared, and on the disk. */
export interface Received {
  /** Name of the data file. */
  readonly file: string;
  readonly size: number;
  /** Hex MD5. */
  readonly etag: string;
  readonly checksum: Checksum;
}

/** Streams the request's body into a data file while hashing it; when anything is not as declared, the file is gone and S3's error thrown. */
export async function receiveBody(call: Call, rules: BodyRules): Promise<Received> {
  const md5 = createHasher('md5');
  const checksum = createHasher(rules.checksum.algorithm);
  const sha256 = rules.sha256 !== null ? createHasher('sha256') : null;
  const hashers = [md5, checksum, ...(sha256 ? [sha256] : [])];
  const trailers: Trailers = { values: new Map() };
  const { name, handle } = await call.store.files.create();
  let kept = false;
  try {
    const size = await write(call, rules, handle, hashers, trailers);
    if (size !== rules.size) throw fault('IncompleteBody');
    const etag = await md5.digest();
    if (rules.md5 !== null && etag.toString('base64') !== rules.md5) throw fault('BadDigest');
    if (sha256 && (await sha256.digest()).toString('hex') !== rules.sha256) throw fault('XAmzContentSHA256Mismatch');
    const value = (await checksum.digest()).toString('base64');
    compareChecksum(rules, trailers, value);
    await handle.datasync();
    kept = true;
    return { file: name, size, etag: etag.toString('hex'), checksum: { algorithm: rules.checksum.algorithm, value } };
  } finally {
    await handle.close();
    if (!kept) await call.store.files.remove(name);
  }
}

async function write(
  call: Call,
  rules: BodyRules,
  handle: FileHandle,
  hashers: readonly Hasher[],
  trailers: Trailers,
): Promise<number> {
  if (rules.size === 0 && !rules.chunked) return 0;
  call.askForBody();
  const raw = readRequest(call.request, call.bodyIdleMs);
  const source = rules.chunked ? decodeAwsChunked(raw, call.verified, trailers) : raw;
  let size = 0;
  for await (const chunk of source) {
    for (const hasher of hashers) hasher.update(chunk);
    await writeAll(handle, chunk, size);
    size += chunk.length;
    if (size > rules.size) throw fault('IncompleteBody');
  }
  return size;
}

async function writeAll(handle: FileHandle, chunk: Buffer, position: number): Promise<void> {
  for (let done = 0; done < chunk.length; ) {
    const { bytesWritten } = await handle.write(chunk, done, chunk.length - done, position + done);
    done += bytesWritten;
  }
}

function compareChecksum({ checksum }: BodyRules, trailers: Trailers, computed: string): void {
  let declared = checksum.value;
  if (checksum.trailing) {
    declared = trailers.values.get(`x-amz-checksum-${checksum.algorithm}`) ?? null;
    if (declared === null) {
      throw fault('InvalidRequest', { message: `The trailer x-amz-checksum-${checksum.algorithm} did not come.` });
    }
    if (!isChecksumValue(checksum.algorithm, declared)) {
      throw fault('InvalidRequest', {
        message: `Value for x-amz-checksum-${checksum.algorithm} trailing header is invalid.`,
      });
    }
  }
  if (declared !== null && declared !== computed) {
    throw fault('BadDigest', {
      message: `The ${checksum.algorithm.toUpperCase()} you specified did not match the calculated checksum.`,
    });
  }
}
