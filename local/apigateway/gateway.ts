import { randomBytes, randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { API_GATEWAY } from '../../core/contract/limits.ts';
import { drain } from '../support/drain.ts';
import { isBodyTooLarge, listen, rawHeaderPairs, readBody, splitTarget } from '../support/http.ts';
import { GATEWAY_REFUSALS } from './refusals.ts';
import { createRouter } from './router.ts';
import type { GatewayAnswer, GatewayOptions, GatewayRefusal, GatewayRequest } from './types.ts';

export { lambdaProxy } from './lambda-proxy.ts';
export type { GatewayOptions } from './types.ts';

export type Gateway = {
  /** `http://127.0.0.1:{port}`, without the stage. */
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
};

/** Headers that end at API Gateway. Source: "Amazon API Gateway important notes". */
const NOT_PASSED = new Set([
  'connection',
  'content-length',
  'expect',
  'keep-alive',
  'max-forwards',
  'proxy-authenticate',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'x-amzn-requestid',
]);
/** Characters that may not stand plain in a query. Source: the same. */
const PLAIN_IN_QUERY = /[|{}]/;
const CLIENT_REQUEST_ID = /^[\w-]{1,128}$/;

const NO_BODY = Buffer.alloc(0);

/** The headers the integration sees, with those API Gateway adds. */
const passedHeaders = (raw: IncomingMessage, sourceIp: string): [string, string][] => {
  const headers: [string, string][] = [];
  let forwarded = '';
  for (const [name, value] of rawHeaderPairs(raw)) {
    const lower = name.toLowerCase();
    if (lower === 'x-forwarded-for') forwarded += `${value}, `;
    else if (lower === 'host') headers.push([name, value.replace(/:\d+$/, '')]);
    else if (!NOT_PASSED.has(lower)) headers.push([name, value]);
  }
  headers.push(
    ['X-Amzn-Trace-Id', `Root=1-${Math.floor(Date.now() / 1_000).toString(16)}-${randomBytes(12).toString('hex')}`],
    ['X-Forwarded-For', forwarded + sourceIp],
    ['X-Forwarded-Port', '443'],
    ['X-Forwarded-Proto', 'https'],
  );
  return headers;
};

/** Length of the request line and the header values, in bytes: what the quota counts. */
const countedLength = (raw: IncomingMessage): number => {
  let total = (raw.method ?? '').length + (raw.url ?? '').length + ' HTTP/1.1'.length + 1;
  for (let at = 0; at + 1 < raw.rawHeaders.length; at += 2)
    total += (raw.rawHeaders[at]?.length ?? 0) + (raw.rawHeaders[at + 1]?.length ?? 0);
  return total;
};

/** A token bucket over all requests. */
const createThrottle = (limit: GatewayOptions['throttle']): (() => boolean) => {
  if (limit === undefined) return () => true;
  let tokens = limit.burst;
  let at = performance.now();
  return () => {
    const now = performance.now();
    tokens = Math.min(limit.burst, tokens + ((now - at) / 1_000) * limit.perSecond);
    at = now;
    if (tokens < 1) return false;
    tokens -= 1;
    return true;
  };
};

const isRefusal = (value: GatewayAnswer | GatewayRefusal): value is GatewayRefusal => 'errorType' in value;

const within = async <T>(work: Promise<T>, ms: number, late: () => T): Promise<T> => {
  let timer: NodeJS.Timeout | undefined;
  const bell = new Promise<T>((resolve) => {
    timer = setTimeout(() => resolve(late()), ms);
  });
  try {
    return await Promise.race([work, bell]);
  } finally {
    clearTimeout(timer);
  }
};

/** Starts one regional REST API. Rejects with node's `EADDRINUSE` when the port is taken. */
export const startGateway = async (options: GatewayOptions): Promise<Gateway> => {
  const route = createRouter(options.routes);
  const admit = createThrottle(options.throttle);
  const prefix = `/${options.stage}/`;
  const timeoutMs = options.timeoutMs ?? API_GATEWAY.timeoutMs;

  const answerTo = async (
    raw: IncomingMessage,
    ids: Pick<GatewayRequest, 'requestId' | 'extendedRequestId'>,
  ): Promise<GatewayAnswer | GatewayRefusal> => {
    const { method = '', url = '' } = raw;
    if (countedLength(raw) > API_GATEWAY.headersMaxBytes)
      return GATEWAY_REFUSALS.headersTooLarge(`request line and headers are over ${API_GATEWAY.headersMaxBytes} bytes`);
    if (!url.startsWith(prefix)) return GATEWAY_REFUSALS.forbidden(`the path does not begin with the stage ${prefix}`);
    const { rawPath, rawQuery } = splitTarget(url.slice(prefix.length - 1));
    if (PLAIN_IN_QUERY.test(rawQuery)) return GATEWAY_REFUSALS.badRequest('|, { and } must be encoded in a query');
    const matched = route(method, rawPath);
    if (matched === undefined) return GATEWAY_REFUSALS.missingAuthenticationToken('no such resource or method');
    if (!admit()) return GATEWAY_REFUSALS.throttled('over the request rate of the account');
    const announced = Number(raw.headers['content-length'] ?? 0);
    const tooLong = `the body is over ${API_GATEWAY.bodyMaxBytes} bytes`;
    if (announced > API_GATEWAY.bodyMaxBytes) return GATEWAY_REFUSALS.requestTooLong(tooLong);
    let body: Buffer = NO_BODY;
    try {
      if (announced > 0 || raw.headers['transfer-encoding'] !== undefined)
        body = await readBody(raw, API_GATEWAY.bodyMaxBytes);
    } catch (error) {
      if (isBodyTooLarge(error)) return GATEWAY_REFUSALS.requestTooLong(tooLong);
      throw error;
    }
    const sourceIp = raw.socket.remoteAddress ?? '127.0.0.1';
    const work = matched.route.integration({
      method,
      path: rawPath,
      query: rawQuery,
      headers: passedHeaders(raw, sourceIp),
      body,
      sourceIp,
      protocol: `HTTP/${raw.httpVersion}`,
      ...ids,
      time: options.clock.now(),
      resource: matched.route.resource,
      pathParameters: matched.pathParameters,
    });
    return within<GatewayAnswer | GatewayRefusal>(work, timeoutMs, () =>
      GATEWAY_REFUSALS.integrationTimeout(`no answer within ${timeoutMs} ms`),
    );
  };

  const handle = async (raw: IncomingMessage, response: ServerResponse): Promise<void> => {
    const claimed = raw.headers['x-amzn-requestid'];
    const requestId = typeof claimed === 'string' && CLIENT_REQUEST_ID.test(claimed) ? claimed : randomUUID();
    const extendedRequestId = `${randomBytes(11).toString('base64url')}=`;
    const answer = await answerTo(raw, { requestId, extendedRequestId });
    const headers = ['x-amzn-RequestId', requestId, 'x-amz-apigw-id', extendedRequestId];
    drain(raw);
    if (!isRefusal(answer)) return send(raw, response, answer, headers);
    const { message, errorType, reason, type } = answer;
    const { rawPath: path } = splitTarget(raw.url ?? '');
    const own = type === null ? undefined : options.responses?.(type, extendedRequestId);
    const status = own?.status ?? answer.status;
    options.log?.({ requestId, method: raw.method ?? '', path, status, reason });
    headers.push('x-amzn-ErrorType', errorType, 'x-local-refusal', reason.replace(/[^\x20-\x7e]/g, '?').slice(0, 300));
    if (own !== undefined) return send(raw, response, own, headers);
    const body = Buffer.from(JSON.stringify({ message }));
    return send(raw, response, { status, headers: [['Content-Type', 'application/json']], body }, headers);
  };

  const server = await listen(handle, { port: options.port, hosts: [options.domainName] });
  return { url: server.url, port: server.port, close: () => server.close() };
};

const send = (raw: IncomingMessage, response: ServerResponse, answer: GatewayAnswer, added: string[]): void => {
  const { status, headers, body } = answer;
  const lines = [...headers.flat(), ...added];
  const bodiless = status === 204 || status === 304;
  if (!bodiless) lines.push('Content-Length', String(body.length));
  response.writeHead(status, lines);
  response.end(bodiless || raw.method === 'HEAD' ? undefined : body);
};
