import { request as httpRequest, type IncomingMessage } from 'node:http';

/** A request that says exactly what it names; `code` is for a function that runs what a request brings. */
export type Ask = {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Record<string, string | string[]>;
  readonly body?: Buffer | string;
  /** Code that the function runs: `event`, `request` and `context` are in scope where they exist. */
  readonly code?: string;
};

export type Reply = {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
  readonly text: string;
};

/** Sends one request to the origin `url`, as raw as node allows, on a connection of its own. */
export const sendRaw = (url: string, { method = 'GET', path = '/', headers = {}, body, code }: Ask): Promise<Reply> =>
  new Promise((resolve, reject) => {
    const all = { ...headers, ...(code === undefined ? {} : { 'x-code': Buffer.from(code).toString('base64url') }) };
    const length =
      body === undefined || 'transfer-encoding' in all ? {} : { 'content-length': Buffer.byteLength(body) };
    const outgoing = httpRequest(url, { method, path, agent: false, headers: { ...length, ...all } }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () => {
        const whole = Buffer.concat(chunks);
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: whole, text: whole.toString('utf8') });
      });
      answer.on('error', reject);
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
