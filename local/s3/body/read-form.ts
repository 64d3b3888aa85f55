import { once } from 'node:events';
import type { IncomingHttpHeaders } from 'node:http';
import { Busboy, type BusboyFileStream, type BusboyInstance } from '@fastify/busboy';
import { fault, type S3Error } from '../errors.ts';

/** Everything before the file, in bytes. Source: Amazon S3 error MaxPostPreDataLengthExceeded. */
const FIELDS_MAX_BYTES = 20_480;
/** Bytes of one part's own headers. */
const PART_HEADERS_MAX_BYTES = 4_096;

/** A browser's form up to its file; the file is still on its way. */
export interface Form {
  /** What came before the file, by lower-case name; of repeated metadata all, with commas between, else the last. */
  readonly fields: ReadonlyMap<string, string>;
  /** As the browser named it, without folders. */
  readonly fileName: string;
  /** The file's bytes; ends when the form has ended well. What comes behind the file is ignored. */
  readonly file: AsyncIterable<Buffer>;
  /** To be called when the file is not read to its end. */
  readonly stop: () => void;
}

/**
 * Reads a multipart/form-data body as far as its file, holding no more than a chunk of it. MalformedPOSTRequest when it
 * is none, MaxPostPreDataLengthExceeded for long fields, InvalidArgument without a file.
 */
export async function readForm(headers: IncomingHttpHeaders, source: AsyncIterable<Buffer>): Promise<Form> {
  const parser = openParser(headers);
  const fields = new Map<string, string>();
  const stopped = Promise.withResolvers<void>();
  let isStopped = false;
  let failure: unknown = null;
  const stop = (): void => {
    isStopped = true;
    stopped.resolve();
  };
  let length = 0;
  let started = false;
  const file = Promise.withResolvers<{ fileName: string; stream: BusboyFileStream }>();
  const ended = Promise.withResolvers<void>();
  let stream: BusboyFileStream | null = null;

  function fail(error: unknown): void {
    failure ??= error;
    stop();
    file.reject(failure);
    ended.reject(failure);
    stream?.destroy(failure instanceof Error ? failure : undefined);
  }

  ended.promise.catch(() => {}); // who reads the file hears of it
  parser.on('error', () => fail(fault('MalformedPOSTRequest')));
  parser.on('field', (name, value, nameCut, valueCut) => {
    if (started) return;
    if (name === undefined) fail(fault('MalformedPOSTRequest'));
    else {
      length += Buffer.byteLength(name) + Buffer.byteLength(value);
      if (nameCut || valueCut || length > FIELDS_MAX_BYTES) fail(fault('MaxPostPreDataLengthExceeded'));
      else addField(fields, name.toLowerCase(), value);
    }
  });
  parser.on('file', (_name, found, name) => {
    if (started) {
      found.resume();
      return;
    }
    started = true;
    stream = found;
    found.on('error', () => fail(fault('MalformedPOSTRequest')));
    file.resolve({ fileName: name ?? '', stream: found });
  });
  parser.on('finish', () => {
    if (started) ended.resolve();
    else fail(noFile());
  });
  feed(parser, source, () => isStopped, stopped.promise).catch(fail);
  const found = await file.promise;
  return { fields, fileName: found.fileName, file: bytesOf(found.stream, ended.promise), stop };
}

async function* bytesOf(stream: BusboyFileStream, ended: Promise<void>): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of stream) yield chunk as Buffer;
  } catch (error) {
    await ended; // rejects with what the fault really was
    throw error;
  }
  await ended;
}

/** Hands the body on as fast as the parser takes it, until its end or until nobody wants more. */
async function feed(
  parser: BusboyInstance,
  source: AsyncIterable<Buffer>,
  isStopped: () => boolean,
  stopped: Promise<void>,
): Promise<void> {
  for await (const chunk of source) {
    if (!parser.write(chunk)) await Promise.race([once(parser, 'drain'), stopped]);
    if (isStopped()) return;
  }
  if (!isStopped()) parser.end();
}

function openParser(headers: IncomingHttpHeaders): BusboyInstance {
  try {
    return new Busboy({
      headers: { ...headers, 'content-type': headers['content-type'] ?? '' },
      isPartAFile: (name) => name?.toLowerCase() === 'file',
      limits: { fieldSize: FIELDS_MAX_BYTES, headerSize: PART_HEADERS_MAX_BYTES },
    });
  } catch {
    throw fault('MalformedPOSTRequest'); // no boundary
  }
}

function addField(fields: Map<string, string>, name: string, value: string): void {
  const before = fields.get(name);
  fields.set(name, before !== undefined && name.startsWith('x-amz-meta-') ? `${before},${value}` : value);
}

const noFile = (): S3Error =>
  fault('InvalidArgument', {
    message: 'POST requires exactly one file upload per request.',
    details: { ArgumentName: 'file', ArgumentValue: '0' },
  });
