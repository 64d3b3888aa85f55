import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { EDGE } from '../../core/contract/limits.ts';
import type { InvokeResult, LambdaFunction } from '../lambda/host.ts';
import { DEFAULT_PLACE, placeSlugs } from '../places.ts';
import { drain } from '../support/drain.ts';
import { listen, sendJson, splitTarget } from '../support/http.ts';
import { cloudfrontHeaders, newRequestId, REFUSALS, type Refusal, sendRefusal } from './answers.ts';
import { announcesBody, NO_BODY, readStart, seenBody, type ViewerBody } from './body.ts';
import { customOrigin, eventHeaders, originRequestEvent } from './event.ts';
import { createForwarder } from './forward.ts';
import { customHeadersFault } from './headers.ts';
import { travel } from './latency.ts';
import { type ForwardedRequest, readForwardedRequest } from './read-request.ts';
import { type GeneratedResponse, type Invalid, invalid, readGeneratedResponse } from './read-response.ts';
import type { CfRequest, FrontDoorOptions, OriginTarget } from './types.ts';
import { createViewers, type Viewer } from './viewer.ts';

export type { FrontDoorOptions, RefusalEntry } from './types.ts';

const METHODS = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'POST', 'PATCH', 'DELETE']);
/** URL, and request line with headers, in bytes. Source: CloudFront quotas. */
const URL_MAX_BYTES = 8_192;
const REQUEST_MAX_BYTES = 32_768;
/** Above CloudFront's own limit, so that it is this code that refuses. */
const PARSER_MAX_BYTES = 65_536;

export type FrontDoor = {
  readonly url: string;
  readonly port: number;
  /** Stops listening; functions and origins are the caller's. */
  close(): Promise<void>;
};

const requestLength = (request: IncomingMessage): number => {
  let total = (request.method?.length ?? 0) + (request.url?.length ?? 0) + ' HTTP/1.1\r\n'.length + 1;
  for (const part of request.rawHeaders) total += part.length + 2;
  return total;
};

/** The path by which a behaviour is chosen: without dot segments, as CloudFront matches it; the origin gets the raw one. */
const matchedPath = (path: string): string =>
  /\/\.|%2e/i.test(path) ? new URL(`http://viewer${path}`).pathname : path;

/** What CloudFront refuses before the function is asked, or `null`. */
const earlyRefusal = (request: IncomingMessage, path: string): Refusal | null => {
  const { method = '', url = '' } = request;
  if (!url.startsWith('/')) return REFUSALS.badRequest('the request target is not a path');
  if (url.length > URL_MAX_BYTES) return REFUSALS.tooLarge(`the URL is over ${URL_MAX_BYTES} bytes`);
  if (requestLength(request) > REQUEST_MAX_BYTES)
    return REFUSALS.tooLarge(`request line and headers are over ${REQUEST_MAX_BYTES} bytes`);
  if (!METHODS.has(method)) return REFUSALS.method(method);
  if (!matchedPath(path).startsWith('/v1/')) return REFUSALS.noBehaviour();
  if ((method === 'GET' || method === 'HEAD') && announcesBody(request)) return REFUSALS.bodyOnGet();
  return null;
};

const readResult = (
  result: InvokeResult,
  original: CfRequest,
): GeneratedResponse | ForwardedRequest | Invalid | Refusal => {
  if (!result.ok) return result.kind === 'throttled' ? REFUSALS.throttled() : REFUSALS.execution(result.message);
  const { payload } = result;
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload))
    return invalid('the result is neither a request nor a response');
  const fields = payload as Record<string, unknown>;
  return Object.hasOwn(fields, 'status') ? readGeneratedResponse(fields) : readForwardedRequest(fields, original);
};

/** Starts the local CloudFront. Rejects with node's `EADDRINUSE` when the port is taken; throws on a configuration CloudFront would refuse. */
export const startFrontDoor = async (options: FrontDoorOptions): Promise<FrontDoor> => {
  const origin = customOrigin(options.origin);
  const fault = customHeadersFault(origin.customHeaders);
  if (fault !== null) throw new Error(`CloudFront would refuse this distribution: ${fault}`);
  const defaultPlace = options.defaultPlace ?? DEFAULT_PLACE;
  const viewers = createViewers(defaultPlace);
  if (viewers(undefined) === undefined) throw new Error(`the default place ${defaultPlace} is not a known place`);
  const origins = new Map<string, OriginTarget>(Object.entries(options.origins));
  const replicas = new Map<string, LambdaFunction>();
  const forwarder = createForwarder();
  const record = { origin: { custom: origin } };

  const replica = (edgeRegion: string): LambdaFunction => {
    const known = replicas.get(edgeRegion) ?? options.functions(edgeRegion);
    replicas.set(edgeRegion, known);
    return known;
  };

  const refuse = (request: IncomingMessage, response: ServerResponse, requestId: string, refusal: Refusal) => {
    const { rawPath: path } = splitTarget(request.url ?? '');
    options.log?.({ requestId, method: request.method ?? '', path, status: refusal.status, reason: refusal.reason });
    sendRefusal(response, refusal, requestId, { head: request.method === 'HEAD', close: !request.complete });
    drain(request);
  };

  const resolveTarget = (request: ForwardedRequest): OriginTarget | Invalid => {
    const { domainName } = request.origin;
    const target = origins.get(domainName);
    if (target === undefined) return invalid(`no such host: ${domainName}`);
    const host = request.headers['host']?.[0]?.value ?? domainName;
    if (origins.get(host) !== target) return invalid(`the host header ${host} is not known at ${domainName}`);
    return target;
  };

  const sendGenerated = (
    request: IncomingMessage,
    response: ServerResponse,
    requestId: string,
    made: GeneratedResponse,
  ) => {
    const lines: string[] = [];
    for (const [name, entries] of Object.entries(made.headers)) {
      if (name === 'content-length') continue;
      for (const { key, value } of entries) lines.push(key ?? name, value);
    }
    if (made.status !== 204 && made.status !== 304) lines.push('Content-Length', String(made.body.length));
    if (!request.complete) lines.push('Connection', 'close');
    lines.push('Server', 'CloudFront', ...cloudfrontHeaders(requestId, 'LambdaGeneratedResponse').flat());
    response.writeHead(made.status, made.statusDescription, lines);
    response.end(request.method === 'HEAD' ? undefined : made.body);
    drain(request);
  };

  const eventRequest = (request: IncomingMessage, viewer: Viewer, start: ViewerBody): CfRequest => {
    const { rawPath, rawQuery } = splitTarget(request.url ?? '/');
    const clientIp = request.socket.remoteAddress ?? '127.0.0.1';
    return {
      clientIp,
      headers: eventHeaders(request, viewer, origin, clientIp),
      method: request.method ?? 'GET',
      querystring: rawQuery,
      uri: rawPath,
      body: {
        inputTruncated: start.truncated,
        action: 'read-only',
        encoding: 'base64',
        data: seenBody(start, EDGE.bodyMaxBytes),
      },
      ...record,
    };
  };

  const serve = async (request: IncomingMessage, response: ServerResponse, requestId: string, viewer: Viewer) => {
    const start = announcesBody(request) ? await readStart(request, EDGE.bodyMaxBytes) : NO_BODY;
    if (options.latency === true) await travel(viewer, viewer.edgeRegion);
    const original = eventRequest(request, viewer, start);
    const event = originRequestEvent(options.distribution, requestId, original);
    const read = readResult(await replica(viewer.edgeRegion).invoke(event), original);
    if (!('kind' in read)) return refuse(request, response, requestId, read);
    if (read.kind === 'invalid') return refuse(request, response, requestId, REFUSALS.validation(read.reason));
    if (read.kind === 'response') return sendGenerated(request, response, requestId, read);
    const target = resolveTarget(read);
    if ('kind' in target) return refuse(request, response, requestId, REFUSALS.origin(target.reason));
    if (options.latency === true && target.region !== undefined) await travel(viewer, target.region);
    const refusal = await forwarder.forward({ viewer: request, response, requestId, request: read, start, target });
    if (refusal !== null) refuse(request, response, requestId, refusal);
  };

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { rawPath: path } = splitTarget(request.url ?? '');
    if (path === '/_local' || path.startsWith('/_local/')) return options.admin(request, response);
    const requestId = newRequestId();
    const early = earlyRefusal(request, path);
    if (early !== null) return refuse(request, response, requestId, early);
    const wish = request.headers['x-sim-viewer'];
    const viewer = viewers(Array.isArray(wish) ? wish[0] : wish);
    if (viewer === undefined) {
      drain(request);
      return sendJson(response, 400, {
        error: 'x-sim-viewer is not a known place, "lat,lon;CC" or "aws"',
        places: placeSlugs(),
      });
    }
    return serve(request, response, requestId, viewer);
  };

  const server = await listen(handle, { port: options.port, maxHeaderBytes: PARSER_MAX_BYTES });
  server.server.removeAllListeners('clientError');
  server.server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    if (!socket.writable) return;
    const status = error.code === 'HPE_HEADER_OVERFLOW' ? '494 Request Header Too Large' : '400 Bad Request';
    socket.end(
      `HTTP/1.1 ${status}\r\nserver: CloudFront\r\nx-cache: Error from cloudfront\r\nx-local-refusal: ${error.code ?? 'unreadable'}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`,
    );
  });
  return {
    url: server.url,
    port: server.port,
    close: async () => {
      await server.close();
      forwarder.close();
    },
  };
};
