import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TransportAnswer } from '../transport.ts';
import { createFakeCloud, type FakeCloudOptions } from './fake-cloud.ts';

/** The fake cloud behind sockets: the gateway under `/v1`, its S3 under everything else. */
export const serveCloud = async (options: Omit<FakeCloudOptions, 's3'> = {}) => {
  let base = '';
  /** Where S3's URLs point: here, or at what stands before it. */
  const shown = { base: '' };
  const cloud = createFakeCloud({ ...options, s3: () => shown.base });
  const headersOf = (request: IncomingMessage) =>
    Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));

  const download = (request: IncomingMessage, response: ServerResponse, id: string) => {
    const object = cloud.uploads.get(id)?.object ?? Buffer.alloc(0);
    const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    const range = `bytes ${start}-${object.length - 1}/${object.length}`;
    cloud.downloads.push({ start, ifMatch: request.headers['if-match'] });
    const headers = { 'content-length': object.length - start, etag: '"e"' };
    response.writeHead(start > 0 ? 206 : 200, start > 0 ? { ...headers, 'content-range': range } : headers);
    const cut = cloud.cutDownload?.(start);
    if (cut === undefined) response.end(object.subarray(start));
    else
      response.write(object.subarray(start, start + cut), () => setTimeout(() => cloud.hang || response.destroy(), 20));
  };

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<TransportAnswer | undefined> => {
    const { method = 'GET', url = '/' } = request;
    const common = { method, url: `${base}${url}`, headers: headersOf(request), idleTimeoutMs: 0 };
    if (url.startsWith('/v1/')) {
      const body = (await request.toArray()).join('');
      return cloud.transport.send({ ...common, ...(body === '' ? {} : { body }) });
    }
    if (method !== 'GET') {
      const gone = new AbortController();
      response.on('close', () => gone.abort(new Error('the client is gone')));
      const size = Number(request.headers['content-length']);
      return cloud.transport.put({ ...common, body: request, size, signal: gone.signal });
    }
    download(request, response, url.split('/')[1] ?? '');
    return undefined;
  };

  const server = createServer((request, response) => {
    answer(request, response).then(
      (found) => {
        if (found === undefined) return;
        const type = found.status >= 400 ? 'application/problem+json' : 'application/json';
        response.writeHead(found.status, { 'content-type': type, ...found.headers });
        response.end(found.body);
      },
      () => response.destroy(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  shown.base = base;
  return {
    cloud,
    url: base,
    /** Has S3's URLs point at something that stands before this server. */
    showAs: (url: string) => {
      shown.base = url;
    },
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
};
