import type {
  CloudFrontHeaders,
  CloudFrontRequest,
  CloudFrontRequestEvent,
  CloudFrontResultResponse,
} from 'aws-lambda';
import { HEADERS } from '../core/contract/routes.ts';
import type { GateAnswer, GateForward, GateRequest, GateResponse } from './request.ts';

/** What an origin-request function may return. */
export type CloudFrontAnswer = CloudFrontRequest | CloudFrontResultResponse;

export type CloudFrontDeps = {
  /** The gate; `customHeaders` are the origin's, lower-case names. Never rejects. */
  readonly gate: (request: GateRequest, customHeaders: Readonly<Record<string, string>>) => Promise<GateAnswer>;
  /** The answer to an event that is not an origin-request event before a custom origin. */
  readonly refuse: (error: unknown, requestId: string) => GateResponse;
  /** Serves where CloudFront's own request id is missing. */
  readonly newRequestId: () => string;
};

/**
 * Headers an origin-request function can neither add, change nor delete; they go on as they came.
 * Source: CloudFront, "Restrictions on all edge functions", read-only headers in origin request events.
 */
const READ_ONLY = new Set([
  'accept-encoding',
  'cdn-loop',
  'content-length',
  'if-modified-since',
  'if-none-match',
  'if-range',
  'if-unmodified-since',
  'transfer-encoding',
  'via',
]);

const REQUEST_ID = /^[\w+/=-]{8,128}$/;

const readHeaders = (headers: CloudFrontHeaders): ReadonlyMap<string, readonly string[]> =>
  new Map(Object.entries(headers).map(([name, pairs]) => [name.toLowerCase(), pairs.map(({ value }) => value)]));

const writeHeaders = (headers: Readonly<Record<string, string>>): CloudFrontHeaders =>
  Object.fromEntries(Object.entries(headers).map(([key, value]) => [key, [{ key, value }]]));

const readCustomHeaders = (request: CloudFrontRequest): Record<string, string> =>
  Object.fromEntries(
    Object.entries(request.origin?.custom?.customHeaders ?? {}).map(([name, pairs]) => [
      name.toLowerCase(),
      pairs.map(({ value }) => value).join(','),
    ]),
  );

const readRequest = (request: CloudFrontRequest, requestId: string): GateRequest => ({
  requestId,
  method: request.method,
  path: request.uri,
  query: request.querystring,
  headers: readHeaders(request.headers),
  body: { base64: request.body?.data ?? '', truncated: request.body?.inputTruncated ?? false },
});

const writeResponse = ({ status, headers, body }: GateResponse): CloudFrontResultResponse => ({
  status: String(status),
  headers: writeHeaders(headers),
  // A 204 with a body, even an empty one, is CloudFront's 502.
  ...(body === '' ? {} : { body, bodyEncoding: 'text' as const }),
});

/** The request as it goes on: another origin, our path and query, our headers and those nobody may touch; method and body are the client's. */
const writeForward = (request: CloudFrontRequest, forward: GateForward): CloudFrontRequest => {
  const custom = request.origin?.custom;
  if (custom === undefined) throw new Error('the distribution has no custom origin');
  const kept = Object.entries(request.headers).filter(([name]) => READ_ONLY.has(name.toLowerCase()));
  const customHeaders = Object.entries(custom.customHeaders).filter(
    ([name]) => !name.toLowerCase().startsWith(HEADERS.config),
  );
  return {
    ...request,
    uri: forward.path,
    querystring: forward.query,
    headers: { ...writeHeaders({ ...forward.headers, host: forward.host }), ...Object.fromEntries(kept) },
    origin: {
      custom: {
        ...custom,
        domainName: forward.host,
        path: forward.stage,
        customHeaders: Object.fromEntries(customHeaders),
      },
    },
  };
};

/**
 * The only code that knows CloudFront's event. The handler never throws: CloudFront would answer for it with a bare 503.
 * Source: CloudFront, "Lambda@Edge event structure".
 */
export const createCloudFrontHandler =
  ({ gate, refuse, newRequestId }: CloudFrontDeps) =>
  async (event: CloudFrontRequestEvent): Promise<CloudFrontAnswer> => {
    const cf = event.Records?.[0]?.cf;
    const known = cf?.config?.requestId;
    const requestId = typeof known === 'string' && REQUEST_ID.test(known) ? known : newRequestId();
    try {
      if (cf === undefined) throw new Error('the event holds no request');
      const answer = await gate(readRequest(cf.request, requestId), readCustomHeaders(cf.request));
      return answer.kind === 'respond' ? writeResponse(answer) : writeForward(cf.request, answer);
    } catch (error) {
      return writeResponse(refuse(error, requestId));
    }
  };
