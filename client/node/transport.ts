import http from 'node:http';
import https from 'node:https';
import { ConnectionError } from '../errors.ts';
import type { PutRequest, Transport, TransportAnswer, TransportRequest } from '../transport.ts';

/** Bodies of answers are problems, records and S3's XML; more than this many bytes is a fault of the other side. */
const ANSWER_MAX_BYTES = 8 * 1_048_576;
/** PUTs of more bytes than this ask first (`Expect: 100-continue`), so that a refusal costs no transfer. */
const ASK_FIRST_BYTES = 1_048_576;
const CONTINUE_WAIT_MS = 1_000;

const failureOf = (error: NodeJS.ErrnoException, url: string): ConnectionError => {
  const host = new URL(url).host;
  if (error.code === 'ECONNREFUSED' || error.code === 'ENOTFOUND' || error.code === 'EAI_AGAIN') {
    return new ConnectionError('connect', `cannot connect to ${host} (${error.code})`, error);
  }
  return new ConnectionError('reset', `the connection to ${host} broke (${error.code ?? error.message})`, error);
};

const isSystemError = (error: unknown): error is NodeJS.ErrnoException => error instanceof Error && 'code' in error;

/** Errors of the socket get a name of ours; those of the source of the bytes stay what they are. */
const named = (error: Error, url: string): Error => (isSystemError(error) ? failureOf(error, url) : error);

const readAnswer = async (response: http.IncomingMessage): Promise<TransportAnswer> => {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > ANSWER_MAX_BYTES) throw new Error(`the answer is longer than ${ANSWER_MAX_BYTES} bytes`);
    chunks.push(chunk);
  }
  const headers = Object.fromEntries(
    Object.entries(response.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  );
  return { status: response.statusCode ?? 0, headers, body: Buffer.concat(chunks).toString('utf8') };
};

const closed = (): Error => Object.assign(new Error('the request is closed'), { code: 'ERR_STREAM_DESTROYED' });

/** Writes chunk by chunk: resolves when the socket has taken one, so its memory may be used again; rejects when the request closes first. */
const writerOf = (request: http.ClientRequest) => {
  let giveUp: ((error: Error) => void) | undefined;
  request.once('close', () => giveUp?.(closed()));
  return (chunk: Uint8Array): Promise<void> =>
    new Promise((resolve, reject) => {
      giveUp = reject;
      if (request.destroyed) reject(closed());
      else request.write(chunk, (error) => (error ? reject(error) : resolve()));
    });
};

/** Opens a request; `answer` settles once, with the answer or with the reason there is none. */
const open = (
  agents: { http: http.Agent; https: https.Agent },
  input: Omit<TransportRequest, 'body'>,
  headers: http.OutgoingHttpHeaders,
) => {
  const secure = input.url.startsWith('https:');
  const request = (secure ? https : http).request(input.url, {
    method: input.method,
    headers,
    agent: secure ? agents.https : agents.http,
    timeout: input.idleTimeoutMs,
    signal: input.signal,
  });
  const answer = new Promise<TransportAnswer>((resolve, reject) => {
    const fail = (error: Error) => reject(input.signal?.aborted ? input.signal.reason : named(error, input.url));
    let responded = false;
    request.on('response', (response) => {
      responded = true;
      readAnswer(response).then(resolve, fail);
    });
    request.on('error', fail);
    request.on('close', () => {
      if (!responded) {
        fail(new ConnectionError('reset', `${new URL(input.url).host} closed the connection without an answer`));
      }
    });
    request.on('timeout', () =>
      request.destroy(
        new ConnectionError('timeout', `${new URL(input.url).host} made no progress for ${input.idleTimeoutMs} ms`),
      ),
    );
  });
  return { request, answer };
};

/** Whether the body is wanted: the server said so, or said nothing for a while. An early answer means it is not. */
const mayStart = (request: http.ClientRequest): Promise<boolean> =>
  new Promise((resolve) => {
    const timer = setTimeout(() => resolve(true), CONTINUE_WAIT_MS);
    const settle = (wanted: boolean) => () => {
      clearTimeout(timer);
      resolve(wanted);
    };
    request.once('continue', settle(true));
    request.once('response', settle(false));
    request.once('error', settle(false));
  });

const sendBody = async (request: http.ClientRequest, input: PutRequest, isAnswered: () => boolean): Promise<void> => {
  const write = writerOf(request);
  let sent = 0;
  for await (const chunk of input.body) {
    if (isAnswered()) return;
    await write(chunk);
    sent += chunk.length;
    input.onProgress?.(sent);
  }
  request.end();
};

/** HTTP and HTTPS over Node's own client with kept-alive connections. `close` ends the idle ones. */
export const createNodeTransport = (): Transport & { readonly close: () => void } => {
  const agents = { http: new http.Agent({ keepAlive: true }), https: new https.Agent({ keepAlive: true }) };
  return {
    send: (input) => {
      const body = input.body === undefined ? undefined : Buffer.from(input.body);
      const length = body === undefined && input.method === 'GET' ? {} : { 'content-length': body?.length ?? 0 };
      const { request, answer } = open(agents, input, { ...input.headers, ...length });
      request.end(body);
      return answer;
    },
    put: async (input) => {
      input.signal?.throwIfAborted();
      const asks = input.size > ASK_FIRST_BYTES;
      const { request, answer } = open(agents, input, {
        ...input.headers,
        'content-length': input.size,
        ...(asks ? { expect: '100-continue' } : {}),
      });
      let answered = false;
      const settled = answer.finally(() => {
        answered = true;
      });
      const send = async () => {
        if (asks) {
          request.flushHeaders();
          if (!(await mayStart(request))) return;
        }
        await sendBody(request, input, () => answered);
      };
      // A failed write may only mean that S3 has refused and closed: then the answer, or the request's own error, tells why.
      send().catch((error: unknown) => {
        if (!isSystemError(error)) request.destroy(error instanceof Error ? error : new Error(String(error)));
      });
      try {
        return await settled;
      } finally {
        if (!request.writableFinished) request.destroy();
      }
    },
    close: () => {
      agents.http.destroy();
      agents.https.destroy();
    },
  };
};
