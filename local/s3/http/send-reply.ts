import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { FileSlice, Reply } from './call.ts';

/** Slices up to this size are read whole, in bytes. */
const SMALL_SLICE = 65_536;
/** How much of an unwanted body is read and thrown away so that the answer arrives, in bytes and milliseconds. */
const LINGER = { bytes: 256 * 1024 * 1024, ms: 10_000 } as const;

/**
 * Sends an answer. When the request's body was not read to its end, the connection is closed after the answer, but the
 * body is taken off the wire for a while first: a reset would overtake the answer.
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
  if (unread) all['connection'] = 'close';
  if (isSlice(body)) {
    await sendSlice(request, response, reply.status, all, body);
  } else {
    const bytes = typeof body === 'string' ? Buffer.from(body) : body;
    if (bytes) all['content-length'] = String(bytes.length);
    else if (request.method !== 'HEAD' && reply.status !== 204 && reply.status !== 304) all['content-length'] = '0';
    response.writeHead(reply.status, all);
    response.end(request.method === 'HEAD' ? undefined : bytes);
  }
  if (unread) linger(request);
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

function linger(request: IncomingMessage): void {
  const end = (): void => void request.socket.destroy();
  const timer = setTimeout(end, LINGER.ms);
  let bytes = 0;
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > LINGER.bytes) end();
  });
  request.on('error', () => clearTimeout(timer)); // it left without its answer, which is its own choice
  request.on('close', () => clearTimeout(timer));
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

function isSlice(body: Reply['body']): body is FileSlice {
  return typeof body === 'object' && 'file' in body;
}
