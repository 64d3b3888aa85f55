import { Agent as HttpAgent, request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';

/** One outgoing request. */
export type HttpRequest = {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Text, sent as UTF-8; none by default. */
  readonly body?: string;
  /** For everything, from connecting to the last byte. */
  readonly timeoutMs: number;
  /** Largest answer body; a larger one is an error. */
  readonly maxBytes: number;
};

export type HttpResponse = {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
};

/** Sends a request; rejects on failure, time-out and size. Errors never carry the URL or a header. */
export type SendHttp = (request: HttpRequest) => Promise<HttpResponse>;

/**
 * Connections idle for longer are not used again, in milliseconds of wall-clock time: an instance freezes between requests,
 * and what the other side closed meanwhile may have left no trace.
 */
const IDLE_MAX_MS = 30_000;
const SOCKETS_MAX = 8;

type Pool = { readonly agent: HttpAgent | HttpsAgent; usedAt: number };

type Sent = { readonly ok: true; readonly response: HttpResponse } | { readonly ok: false; readonly error: unknown };
/** `stale`: a kept connection broke before any byte of an answer, so the request may be sent once more. */
type Attempt = Sent & { readonly stale: boolean };

const readBody = async (response: IncomingMessage, maxBytes: number): Promise<string> => {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response) {
    const bytes = chunk as Buffer;
    length += bytes.length;
    if (length > maxBytes) throw new Error(`the answer has more than ${maxBytes} bytes`);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
};

const isBrokenConnection = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ECONNRESET' || error.code === 'EPIPE');

const attempt = (request: HttpRequest, agent: HttpAgent | HttpsAgent, timeoutMs: number): Promise<Attempt> =>
  new Promise((resolve) => {
    const secure = request.url.startsWith('https:');
    const { body = '' } = request;
    const options: RequestOptions = {
      method: request.method,
      headers: { ...request.headers, ...(body === '' ? {} : { 'content-length': Buffer.byteLength(body) }) },
      agent,
    };
    let answered = false;
    const outgoing = (secure ? httpsRequest : httpRequest)(request.url, options, (incoming) => {
      answered = true;
      readBody(incoming, request.maxBytes).then(
        (text) =>
          end({ ok: true, response: { status: incoming.statusCode ?? 0, headers: incoming.headers, body: text } }),
        (error: unknown) => end({ ok: false, error }),
      );
    });
    const timer = setTimeout(() => outgoing.destroy(new Error(`no answer within ${request.timeoutMs} ms`)), timeoutMs);
    const end = (sent: Sent): void => {
      clearTimeout(timer);
      if (!sent.ok) outgoing.destroy();
      resolve({ ...sent, stale: !sent.ok && !answered && outgoing.reusedSocket && isBrokenConnection(sent.error) });
    };
    outgoing.on('error', (error) => end({ ok: false, error }));
    outgoing.end(body);
  });

/**
 * A small client over `node:http` and `node:https`: connections are kept, a request that meets a dead one is sent once more
 * on a new one, everything ends by its time. `now` is wall-clock time in milliseconds.
 */
export const createHttp = ({ now }: { readonly now: () => number }): SendHttp => {
  const pools = new Map<string, Pool>();

  const poolFor = (url: string): Pool => {
    const { origin, protocol } = new URL(url);
    const time = now();
    const known = pools.get(origin);
    if (known !== undefined && Math.abs(time - known.usedAt) < IDLE_MAX_MS) {
      known.usedAt = time;
      return known;
    }
    const options = { keepAlive: true, maxSockets: SOCKETS_MAX, maxFreeSockets: SOCKETS_MAX };
    const pool = { agent: protocol === 'https:' ? new HttpsAgent(options) : new HttpAgent(options), usedAt: time };
    pools.set(origin, pool);
    known?.agent.destroy();
    return pool;
  };

  return async (request) => {
    const endsAt = performance.now() + request.timeoutMs;
    const first = await attempt(request, poolFor(request.url).agent, request.timeoutMs);
    if (first.ok) return first.response;
    const left = endsAt - performance.now();
    if (!first.stale || left < 1) throw first.error;
    const fresh = new (request.url.startsWith('https:') ? HttpsAgent : HttpAgent)({ keepAlive: false });
    const second = await attempt(request, fresh, left);
    if (second.ok) return second.response;
    throw second.error;
  };
};
