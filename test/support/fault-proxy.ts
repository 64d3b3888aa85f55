import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { Transform } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';

/** What goes wrong with one request. Byte counts are of bodies. */
export type Fault =
  /** Passed on only after so many milliseconds. */
  | { readonly kind: 'latency'; readonly ms: number }
  /** Its body travels no faster. */
  | { readonly kind: 'bandwidth'; readonly bytesPerSecond: number }
  /** The line is cut after so many bytes of its body have been passed on. */
  | { readonly kind: 'cut'; readonly afterBytes: number }
  /** The line is reset before the server sees anything. */
  | { readonly kind: 'reset' }
  /** The server acts; of its answer nothing arrives, and the line is cut. */
  | { readonly kind: 'drop-answer' }
  /** The line is cut after so many bytes of the answer's body. */
  | { readonly kind: 'cut-answer'; readonly afterBytes: number }
  /** 503 SlowDown, without the server. */
  | { readonly kind: 'slow-down' }
  /** Another error of S3's, without the server. */
  | { readonly kind: 'refuse'; readonly status: number; readonly code: string; readonly message: string }
  /** 200 with an error document, as S3 may when it began to answer before it failed; `acts`: after the server has acted. */
  | { readonly kind: 'error-in-200'; readonly acts: boolean }
  /** One bit of the body is another one; a `byte` below 0 is counted from the end. */
  | { readonly kind: 'flip-bit'; readonly byte: number }
  /** Delivered twice, one after the other; the first answer arrives. */
  | { readonly kind: 'twice' }
  /** Delivered, answered with nothing (cut), and delivered once more after so many milliseconds. */
  | { readonly kind: 'late-copy'; readonly ms: number };

/** A request as the rule sees it: `target` is path and query. */
export type Passing = { readonly method: string; readonly target: string; readonly headers: http.IncomingHttpHeaders };

export type FaultProxy = {
  readonly port: number;
  /** Sends every request here, whatever host its URL names, so that signatures still fit. */
  readonly agent: http.Agent;
  /** Decides for each request that comes; `undefined`: it goes through. */
  rule: (request: Passing) => Fault | undefined;
  /** Requests that came, `METHOD target`. */
  readonly seen: string[];
  /** Resolves when every late copy has been delivered. */
  quiet(): Promise<void>;
  close(): Promise<void>;
};

const errorXml = (code: string, message = 'Asked for.'): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message></Error>`;

const flipBit = (at: number): Transform => {
  let passed = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const copy = Buffer.from(chunk);
      if (at >= passed && at < passed + copy.length) copy.writeUInt8(copy.readUInt8(at - passed) ^ 1, at - passed);
      passed += copy.length;
      done(null, copy);
    },
  });
};

/** Counted from the start of the body. */
const placeOf = (byte: number, { headers }: IncomingMessage): number =>
  byte < 0 ? Number(headers['content-length']) + byte : byte;

const atMost = (bytesPerSecond: number): Transform =>
  new Transform({
    transform(chunk: Buffer, _encoding, done) {
      setTimeout(() => done(null, chunk), (chunk.length * 1_000) / bytesPerSecond);
    },
  });

/** Passes bytes on until there were enough, then calls `cut`. */
const cutAfter = (bytes: number, cut: () => void): Transform => {
  let left = bytes;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const some = chunk.subarray(0, left);
      left -= some.length;
      done(null, some);
      // Time for what was passed on to leave.
      if (left === 0) setTimeout(cut, 5);
    },
  });
};

const readAll = async (stream: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
};

type Answer = { readonly status: number; readonly headers: http.IncomingHttpHeaders; readonly body: Buffer };

/** Delivers a request whose body is at hand; `undefined` when the line broke. */
const deliver = (port: number, request: IncomingMessage, body: Buffer): Promise<Answer | undefined> =>
  new Promise((resolve) => {
    const { method = 'GET', url = '/', headers } = request;
    const outgoing = http.request({ host: '127.0.0.1', port, method, path: url, headers, agent: false }, (incoming) => {
      readAll(incoming).then(
        (answer) => resolve({ status: incoming.statusCode ?? 502, headers: incoming.headers, body: answer }),
        () => resolve(undefined),
      );
    });
    outgoing.once('error', () => resolve(undefined));
    outgoing.end(body);
  });

const give = (response: ServerResponse, answer: Answer | undefined): void => {
  if (answer === undefined) response.destroy();
  else response.writeHead(answer.status, answer.headers).end(answer.body);
};

const giveXml = (response: ServerResponse, status: number, body: string): void => {
  response.writeHead(status, { 'content-type': 'application/xml', connection: 'close' }).end(body);
};

/** Passes a request on as it comes, through what changes its body on the way. */
const stream = (port: number, request: IncomingMessage, response: ServerResponse, way: readonly Transform[]): void => {
  const { method = 'GET', url = '/', headers } = request;
  const outgoing = http.request({ host: '127.0.0.1', port, method, path: url, headers, agent: false });
  outgoing.once('response', (incoming) => {
    response.writeHead(incoming.statusCode ?? 502, incoming.headers);
    incoming.once('error', () => response.destroy());
    incoming.pipe(response);
  });
  outgoing.once('error', () => response.destroy());
  request.once('error', () => outgoing.destroy());
  response.once('close', () => {
    if (!response.writableFinished) outgoing.destroy();
  });
  const last = way.reduce<NodeJS.ReadableStream>((from, step) => from.pipe(step), request);
  last.pipe(outgoing);
};

const cutRequest = (port: number, request: IncomingMessage, response: ServerResponse, afterBytes: number): void => {
  const { method = 'GET', url = '/', headers } = request;
  const outgoing = http.request({ host: '127.0.0.1', port, method, path: url, headers, agent: false });
  const cut = (): void => {
    outgoing.destroy();
    response.destroy();
  };
  outgoing.once('error', () => response.destroy());
  outgoing.once('response', () => cut());
  outgoing.flushHeaders();
  if (afterBytes === 0) setTimeout(cut, 5);
  else request.pipe(cutAfter(afterBytes, cut)).pipe(outgoing, { end: false });
};

/** A proxy on 127.0.0.1 between a client and an HTTP server there, that does to each request what its rule says. */
export const startFaultProxy = async (targetPort: number): Promise<FaultProxy> => {
  const late = new Set<Promise<unknown>>();
  const act = async (fault: Fault | undefined, request: IncomingMessage, response: ServerResponse): Promise<void> => {
    switch (fault?.kind) {
      case undefined:
        return stream(targetPort, request, response, []);
      case 'latency':
        await sleep(fault.ms);
        return stream(targetPort, request, response, []);
      case 'bandwidth':
        return stream(targetPort, request, response, [atMost(fault.bytesPerSecond)]);
      case 'flip-bit':
        return stream(targetPort, request, response, [flipBit(placeOf(fault.byte, request))]);
      case 'cut':
        return cutRequest(targetPort, request, response, fault.afterBytes);
      case 'reset':
        request.socket.resetAndDestroy();
        return;
      case 'slow-down':
        await readAll(request);
        return giveXml(response, 503, errorXml('SlowDown'));
      case 'refuse':
        await readAll(request);
        return giveXml(response, fault.status, errorXml(fault.code, fault.message));
      case 'error-in-200': {
        const body = await readAll(request);
        if (fault.acts) await deliver(targetPort, request, body);
        return giveXml(response, 200, errorXml('InternalError'));
      }
      case 'drop-answer':
        await deliver(targetPort, request, await readAll(request));
        response.destroy();
        return;
      case 'cut-answer': {
        const answer = await deliver(targetPort, request, await readAll(request));
        if (answer === undefined) return give(response, answer);
        response.writeHead(answer.status, answer.headers);
        response.write(answer.body.subarray(0, fault.afterBytes), () => response.destroy());
        return;
      }
      case 'twice': {
        const body = await readAll(request);
        const answer = await deliver(targetPort, request, body);
        await deliver(targetPort, request, body);
        return give(response, answer);
      }
      case 'late-copy': {
        const body = await readAll(request);
        await deliver(targetPort, request, body);
        response.destroy();
        const copy = sleep(fault.ms).then(() => deliver(targetPort, request, body));
        late.add(copy);
        void copy.finally(() => late.delete(copy));
        return;
      }
    }
  };
  const agent = new http.Agent({ keepAlive: true, maxSockets: 50 });
  const proxy: FaultProxy = {
    port: 0,
    agent,
    rule: () => undefined,
    seen: [],
    quiet: async () => {
      while (late.size > 0) await Promise.all(late);
    },
    close: async () => undefined,
  };
  const server = http.createServer({ requestTimeout: 0 }, (request, response) => {
    const { method = 'GET', url = '/', headers } = request;
    proxy.seen.push(`${method} ${url}`);
    act(proxy.rule({ method, target: url, headers }), request, response).catch(() => response.destroy());
  });
  // A client that asked to be told to go on may be; the body then meets the fault.
  server.on('checkContinue', (request, response) => {
    response.writeContinue();
    server.emit('request', request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  agent.createConnection = () => net.connect({ host: '127.0.0.1', port });
  return Object.assign(proxy, {
    port,
    close: () =>
      new Promise<void>((resolve) => {
        agent.destroy();
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  });
};
