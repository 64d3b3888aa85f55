import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { type ByteSource, type Extent, isByteSource, readBytes } from './byte-source.ts';
import type { Reply } from './call.ts';
import { WAITING_FOR_CONTINUE } from './waiting.ts';

/** Up to this many bytes of one file are read whole. */
const SMALL = 65_536;
/** How much of an unwanted body is read and thrown away so that the answer arrives, in bytes and milliseconds. */
const PAST = { bytes: 256 * 1024 * 1024, ms: 10_000 } as const;

/**
 * Sends an answer. What is left of the request's body is read past, up to a bound, because closing the connection on a
 * client that is still sending would reset it, and the reset overtakes the answer. A client that waits to be asked for
 * its body has sent none: there the connection is closed.
 */
export async function sendReply(
  request: IncomingMessage,
  response: ServerResponse,
  reply: Reply,
  headers: Readonly<Record<string, string>>,
): Promise<void> {
  const { body } = reply;
  const unread = !request.complete && hasBody(request);
  const all: Record<string, string> = { ...headers, ...reply.headers };
  const neverAsked = WAITING_FOR_CONTINUE.has(request);
  if (neverAsked) all['connection'] = 'close';
  if (isByteSource(body)) {
    await sendBytes(request, response, reply.status, all, body);
  } else {
    const bytes = typeof body === 'string' ? Buffer.from(body) : body;
    if (bytes) all['content-length'] = String(bytes.length);
    else if (request.method !== 'HEAD' && reply.status !== 204 && reply.status !== 304) all['content-length'] = '0';
    response.writeHead(reply.status, all);
    response.end(request.method === 'HEAD' ? undefined : bytes);
  }
  if (unread && !neverAsked) readPast(request);
}

async function sendBytes(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  headers: Record<string, string>,
  source: ByteSource,
): Promise<void> {
  headers['content-length'] = String(source.length);
  try {
    const [only, ...more] = source.extents;
    if (only && more.length === 0 && source.length <= SMALL) {
      const bytes = await readAt(source, only);
      response.writeHead(status, headers);
      response.end(bytes);
      return;
    }
    response.writeHead(status, headers);
    await pipeline(readBytes(source), response);
  } catch (error) {
    if (!response.headersSent || !request.destroyed) throw error;
    response.destroy(); // the client left in the middle of the answer
  } finally {
    await source.release();
  }
}

async function readAt({ files }: ByteSource, { file, start, end }: Extent): Promise<Buffer> {
  const open = await files.open(file);
  try {
    return await open.read(start, end);
  } finally {
    await open.close();
  }
}

function readPast(request: IncomingMessage): void {
  const end = (): void => void request.socket.destroy();
  const timer = setTimeout(end, PAST.ms);
  let bytes = 0;
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > PAST.bytes) end();
  });
  request.on('error', () => clearTimeout(timer)); // it left without its answer, which is its own choice
  request.on('end', () => clearTimeout(timer));
  request.on('close', () => clearTimeout(timer));
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}
