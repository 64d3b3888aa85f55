import { request as httpRequest } from 'node:http';

/** A request as it goes over the wire. `host` and `content-length` stand in `headers`. */
export type WireRequest = {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
};

export type WireAnswer = {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: Buffer;
};

/** Sends exactly these bytes and headers; an answer may come before all bytes are sent. */
export const send = ({ method, url, headers, body }: WireRequest): Promise<WireAnswer> =>
  new Promise((resolve, reject) => {
    const outgoing = httpRequest(url, { method, headers, agent: false }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.once('error', reject);
      incoming.once('end', () =>
        resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: Buffer.concat(chunks) }),
      );
    });
    outgoing.once('error', reject);
    outgoing.end(body);
  });

/** The error code in S3's answer; empty without one. */
export const codeIn = ({ body }: WireAnswer): string => /<Code>([^<]+)<\/Code>/.exec(body.toString('utf8'))?.[1] ?? '';

export const withHeader = (request: WireRequest, name: string, value: string): WireRequest => ({
  ...request,
  headers: { ...request.headers, [name]: value },
});

export const withoutHeader = (request: WireRequest, name: string): WireRequest => ({
  ...request,
  headers: Object.fromEntries(Object.entries(request.headers).filter(([own]) => own !== name)),
});

/** The same with another body, and its length told truly. */
export const withBody = (request: WireRequest, body: Buffer): WireRequest =>
  withHeader({ ...request, body }, 'content-length', String(body.length));

/** The same with its URL changed; throws if nothing changes. */
export const withUrl = (request: WireRequest, from: RegExp, to: string): WireRequest => {
  const url = request.url.replace(from, to);
  if (url === request.url) throw new Error(`the lie changes nothing: ${from}`);
  return { ...request, url };
};
