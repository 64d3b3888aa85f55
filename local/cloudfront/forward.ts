import { Agent, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { cloudfrontHeaders, REFUSALS, type Refusal } from './answers.ts';
import type { ViewerBody } from './body.ts';
import type { ForwardedRequest } from './read-request.ts';
import type { OriginTarget } from './types.ts';

/** Not passed on from the origin to the viewer. */
const DROPPED = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
  'x-cache',
  'via',
]);

/** Methods whose requests always say how long their body is. */
const WITH_BODY = new Set(['POST', 'PUT', 'PATCH']);

export type Forwarding = {
  readonly viewer: IncomingMessage;
  readonly response: ServerResponse;
  readonly requestId: string;
  readonly request: ForwardedRequest;
  readonly start: ViewerBody;
  readonly target: OriginTarget;
};

const outgoingHeaders = ({ request, requestId, target }: Forwarding, method: string): string[] => {
  const { headers, origin, body } = request;
  const lines: string[] = [];
  for (const map of [headers, origin.customHeaders]) {
    for (const [name, entries] of Object.entries(map)) {
      if (name === 'host' || (body !== null && (name === 'content-length' || name === 'transfer-encoding'))) continue;
      for (const { key, value } of entries) lines.push(key ?? name, value);
    }
  }
  const host = headers['host']?.[0]?.value ?? origin.domainName;
  lines.push('Host', `${host}:${new URL(target.url).port}`, 'X-Amz-Cf-Id', requestId);
  const bodiless = headers['content-length'] === undefined && headers['transfer-encoding'] === undefined;
  if (body !== null) lines.push('Content-Length', String(body.length));
  else if (bodiless && WITH_BODY.has(method)) lines.push('Content-Length', '0');
  return lines;
};

const answerHeaders = (answer: IncomingMessage, requestId: string): string[] => {
  const lines: string[] = [];
  for (let at = 0; at + 1 < answer.rawHeaders.length; at += 2) {
    const name = answer.rawHeaders[at] ?? '';
    if (!DROPPED.has(name.toLowerCase())) lines.push(name, answer.rawHeaders[at + 1] ?? '');
  }
  const cache = (answer.statusCode ?? 502) >= 400 ? 'Error' : 'Miss';
  return [...lines, ...cloudfrontHeaders(requestId, cache, answer.headers.via).flat()];
};

/** Sends requests on to origins over kept connections and streams both bodies. */
export const createForwarder = () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1_024, scheduling: 'lifo' });

  /** Resolves when the answer is sent, or with the refusal to send instead. A kept connection that died is replaced once. */
  const forward = (forwarding: Forwarding, again = true): Promise<Refusal | null> =>
    new Promise((resolve) => {
      const { viewer, response, request, start, target, requestId } = forwarding;
      const { uri, querystring, origin, body } = request;
      const { hostname, port } = new URL(target.url);
      const { method = 'GET' } = viewer;
      const outgoing = httpRequest({
        agent: again ? agent : false,
        hostname,
        port,
        method,
        path: `${origin.path}${uri}${querystring === '' ? '' : `?${querystring}`}`,
        headers: outgoingHeaders(forwarding, method),
        setHost: false,
      });
      const abandon = () => outgoing.destroy();
      const end = (refusal: Refusal | null) => {
        response.off('close', abandon);
        resolve(refusal);
      };
      response.once('close', abandon);
      let late = false;
      outgoing.setTimeout(origin.readTimeout * 1_000, () => {
        late = true;
        outgoing.destroy();
      });
      outgoing.on('error', (error: NodeJS.ErrnoException) => {
        if (response.headersSent || response.destroyed) {
          response.destroy();
          end(null);
          return;
        }
        const dead = error.code === 'ECONNRESET' || error.code === 'EPIPE';
        if (late) end(REFUSALS.originTimeout());
        else if (again && dead && outgoing.reusedSocket && !start.truncated) {
          response.off('close', abandon);
          resolve(forward(forwarding, false));
        } else end(REFUSALS.origin(`the origin could not be reached (${error.code ?? error.message})`));
      });
      outgoing.on('response', (answer) => {
        response.sendDate = false;
        response.writeHead(answer.statusCode ?? 502, answer.statusMessage, answerHeaders(answer, requestId));
        answer.on('error', () => response.destroy());
        answer.pipe(response);
        response.once('close', () => end(null));
      });
      if (body !== null) outgoing.end(body);
      else {
        for (const chunk of start.chunks) outgoing.write(chunk);
        if (start.truncated) viewer.pipe(outgoing);
        else outgoing.end();
      }
    });

  return { forward, close: () => agent.destroy() };
};
