import { ConnectionError } from '../errors.ts';
import type { PutRequest, Transport, TransportAnswer, TransportRequest } from '../transport.ts';

const hostOf = (url: string): string => new URL(url, location.href).host;

const silence = (url: string, idleTimeoutMs: number): ConnectionError =>
  new ConnectionError('timeout', `${hostOf(url)} made no progress for ${idleTimeoutMs} ms`);

/** `fetch` with a time limit and errors of our names. */
const send = async (request: TransportRequest): Promise<TransportAnswer> => {
  const late = AbortSignal.timeout(request.idleTimeoutMs);
  const signal = request.signal === undefined ? late : AbortSignal.any([request.signal, late]);
  try {
    const answer = await fetch(request.url, {
      method: request.method,
      headers: request.headers,
      signal,
      cache: 'no-store',
      credentials: 'omit',
      redirect: 'error',
      ...(request.body === undefined ? {} : { body: request.body }),
    });
    return { status: answer.status, headers: Object.fromEntries(answer.headers), body: await answer.text() };
  } catch (error) {
    request.signal?.throwIfAborted();
    if (late.aborted) throw silence(request.url, request.idleTimeoutMs);
    throw new ConnectionError('reset', `no answer from ${hostOf(request.url)}`, error);
  }
};

/** The body as a Blob, which the browser may keep outside of memory. Reading it first is what computes its checksum. */
const blobOf = async ({ body, signal }: PutRequest): Promise<Blob> => {
  const pieces: Blob[] = [];
  for await (const chunk of body) {
    signal?.throwIfAborted();
    pieces.push(new Blob([chunk as Uint8Array<ArrayBuffer>]));
  }
  return new Blob(pieces);
};

const headersOf = (request: XMLHttpRequest): Record<string, string> =>
  Object.fromEntries(
    request
      .getAllResponseHeaders()
      .split('\r\n')
      .filter((line) => line !== '')
      .map((line) => {
        const colon = line.indexOf(':');
        return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
      }),
  );

/** `XMLHttpRequest`, because `fetch` tells nothing of what the socket has taken. */
const put = async (input: PutRequest): Promise<TransportAnswer> => {
  const blob = await blobOf(input);
  input.signal?.throwIfAborted();
  return await new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    let idle: ReturnType<typeof setTimeout> | undefined;
    const settle = () => {
      clearTimeout(idle);
      input.signal?.removeEventListener('abort', stop);
    };
    const fail = (error: unknown) => {
      settle();
      reject(error);
    };
    const stop = () => {
      fail(input.signal?.reason);
      request.abort();
    };
    const alive = () => {
      clearTimeout(idle);
      idle = setTimeout(() => {
        fail(silence(input.url, input.idleTimeoutMs));
        request.abort();
      }, input.idleTimeoutMs);
    };
    request.open(input.method, input.url);
    for (const [name, value] of Object.entries(input.headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = ({ loaded }) => {
      alive();
      input.onProgress?.(loaded);
    };
    request.onload = () => {
      settle();
      resolve({ status: request.status, headers: headersOf(request), body: request.responseText });
    };
    request.onerror = () => fail(new ConnectionError('reset', `the connection to ${hostOf(input.url)} broke`));
    input.signal?.addEventListener('abort', stop, { once: true });
    alive();
    request.send(blob);
  });
};

/** The network of a browser. */
export const createBrowserTransport = (): Transport => ({ send, put });
