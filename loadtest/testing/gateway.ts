import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

/** What the stand-in gateway gets wrong; nothing by default. */
export type Lies = {
  /** The number of the upload whose record is gone after its finalize, counted from 0. */
  readonly lost?: number;
  /** The number of the upload whose bytes change after its finalize. */
  readonly altered?: number;
  /** The number of the upload whose finalize answers 503. */
  readonly refused?: number;
  /** Milliseconds before finalize answers. */
  readonly finalizeDelayMs?: number;
  /** How often each finalize answers 202 first. */
  readonly accepted?: number;
};

/** A running stand-in: a gateway, its S3 and its test issuer on one port of 127.0.0.1. */
export type StandIn = { readonly url: string; readonly close: () => Promise<void> };

type Upload = { number: number; owner: string; size: number; bytes: string; asked: number };

const readBody = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
};

const answer = (
  response: ServerResponse,
  status: number,
  body?: unknown,
  headers: Record<string, string> = {},
): void => {
  response.writeHead(status, headers).end(body === undefined ? undefined : JSON.stringify(body));
};

/** Starts a gateway that keeps uploads in memory and knows just the routes that a load test uses. */
export const startStandIn = async (lies: Lies = {}): Promise<StandIn> => {
  const uploads = new Map<string, Upload>();
  let url = '';

  const finalize = async (upload: Upload, response: ServerResponse): Promise<void> => {
    upload.asked += 1;
    if (lies.finalizeDelayMs !== undefined) await new Promise((resolve) => setTimeout(resolve, lies.finalizeDelayMs));
    if (upload.number === lies.refused) return answer(response, 503, { code: 'upstream_unavailable' });
    if (upload.asked <= (lies.accepted ?? 0))
      return answer(response, 202, { state: 'COMPLETING' }, { 'retry-after': '1' });
    answer(response, 200, { state: upload.bytes.length === upload.size ? 'UPLOADED' : 'CREATED' });
  };

  const create = async (request: IncomingMessage, response: ServerResponse, owner: string): Promise<void> => {
    const { size } = JSON.parse(await readBody(request)) as { size: number };
    const number = uploads.size;
    uploads.set(`euw1_${number}`, { number, owner, size, bytes: '', asked: 0 });
    const put = { url: `${url}/s3/euw1_${number}`, headers: { 'x-granted': 'yes' } };
    answer(response, 201, { id: `euw1_${number}`, put });
  };

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = request.url ?? '';
    if (path === '/_local') return answer(response, 200, { issuer: `${url}/issuer` });
    if (path === '/issuer/token') {
      const { sub } = JSON.parse(await readBody(request)) as { sub: string };
      return answer(response, 200, { token: `token-of-${sub}` });
    }
    const owner = request.headers.authorization ?? '';
    if (path === '/v1/uploads') return create(request, response, owner);
    const upload = uploads.get(/euw1_\d+/.exec(path)?.[0] ?? '');
    if (upload === undefined) return answer(response, 404);
    if (path.startsWith('/s3/') && request.method === 'PUT') {
      upload.bytes = await readBody(request);
      return answer(response, request.headers['x-granted'] === 'yes' ? 200 : 403);
    }
    if (path.startsWith('/s3/')) {
      response.end(upload.number === lies.altered ? upload.bytes.toUpperCase() : upload.bytes);
      return undefined;
    }
    if (owner !== upload.owner) return answer(response, 404);
    if (path.endsWith('/finalize')) return finalize(upload, response);
    if (upload.number === lies.lost) return answer(response, 404);
    return answer(response, 200, {
      state: 'UPLOADED',
      size: upload.size,
      download: { url: `${url}/s3/euw1_${upload.number}` },
    });
  };

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => answer(response, 500, { error: String(error) }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const address = server.address();
  url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
  return {
    url,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
