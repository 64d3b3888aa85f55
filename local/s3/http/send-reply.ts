import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { FileSlice, Reply } from './call.ts';
import { WAITING_FOR_CONTINUE } from './waiting.ts';

/** Slices up to this size are read whole, in bytes. */
const SMALL_SLICE = 65_536;
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
  if (isSlice(body)) {
    await sendSlice(request, response, reply.status, all, body);
  } else {
    const bytes = typeof body === 'string' ? Buffer.from(body) : body;
    if (bytes) all['content-length'] = String(bytes.length);
    else if (request.method !== 'HEAD' && reply.status !== 204 && reply.status !== 304) all['content-length'] = '0';
    response.writeHead(reply.status, all);
    response.end(request.method === 'HEAD' ? undefined : bytes);
  }
  if (unread && !neverAsked) readPast(request);
}

async function sendSlice(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  headers: Record<string, string>,
  { file, start, end }: FileSlice,
): Promise<void> {
  const length = end - start + 1;
  headers['content-length'] = String(length);
  try {
    if (length <= SMALL_SLICE) {
      const bytes = Buffer.allocUnsafe(length);
      const { bytesRead } = await file.read(bytes, 0, length, start);
      if (bytesRead !== length) throw new Error(`a data file is shorter than its record says by ${length - bytesRead}`);
      response.writeHead(status, headers);
      response.end(bytes);
      return;
    }
    response.writeHead(status, headers);
    await pipeline(file.createReadStream({ start, end, autoClose: false, highWaterMark: 262_144 }), response);
  } catch (error) {
    if (!response.headersSent || !request.destroyed) throw error;
    response.destroy(); // the client left in the middle of the answer
  } finally {
    await file.close();
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

function isSlice(body: Reply['body']): body is FileSlice {
  return typeof body === 'object' && 'file' in body;
}
