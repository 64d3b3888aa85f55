/** The only file that knows what API Gateway's REST proxy events look like. */

/** What we read of a REST proxy event. */
export type ProxyEvent = {
  readonly httpMethod: string;
  /** Path without the stage. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string | undefined>> | null;
  readonly multiValueHeaders?: Readonly<Record<string, readonly string[] | undefined>> | null;
  readonly multiValueQueryStringParameters?: Readonly<Record<string, readonly string[] | undefined>> | null;
  readonly queryStringParameters?: Readonly<Record<string, string | undefined>> | null;
  readonly body?: string | null;
  readonly isBase64Encoded?: boolean;
};

export type ProxyResult = {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly isBase64Encoded: false;
};

/** Header values as fetch's classes take them; what they would refuse becomes a character no header of ours allows. */
const plain = (value: string): string => value.replace(/[^\t\x20-\x7e]/g, '?');

const readHeaders = (event: ProxyEvent): Headers => {
  const headers = new Headers();
  const many = event.multiValueHeaders ?? {};
  for (const [name, values] of Object.entries(many))
    for (const value of values ?? []) headers.append(name, plain(value));
  for (const [name, value] of Object.entries(event.headers ?? {})) {
    if (value !== undefined && !headers.has(name)) headers.set(name, plain(value));
  }
  return headers;
};

const readQuery = (event: ProxyEvent): URLSearchParams => {
  const query = new URLSearchParams();
  const many = event.multiValueQueryStringParameters;
  if (many !== undefined && many !== null) {
    for (const [name, values] of Object.entries(many)) for (const value of values ?? []) query.append(name, value);
    return query;
  }
  for (const [name, value] of Object.entries(event.queryStringParameters ?? {})) query.append(name, value ?? '');
  return query;
};

const hasBody = ({ httpMethod, body }: ProxyEvent): boolean =>
  httpMethod !== 'GET' && httpMethod !== 'HEAD' && body !== undefined && body !== null && body !== '';

/** The web request of a REST proxy event. The host says nothing and is never read. */
export const readProxyEvent = (event: ProxyEvent): Request => {
  const path = event.path.replace(/[?#]/g, encodeURIComponent);
  const url = new URL(`https://api.invalid${path.startsWith('/') ? '' : '/'}${path}`);
  url.search = readQuery(event).toString();
  return new Request(url, {
    method: event.httpMethod,
    headers: readHeaders(event),
    ...(hasBody(event)
      ? { body: Buffer.from(event.body ?? '', event.isBase64Encoded === true ? 'base64' : 'utf8') }
      : {}),
  });
};

/** The REST proxy result of a web response; every body of ours is text. */
export const writeProxyResult = async (response: Response): Promise<ProxyResult> => ({
  statusCode: response.status,
  headers: Object.fromEntries(response.headers),
  body: await response.text(),
  isBase64Encoded: false,
});
