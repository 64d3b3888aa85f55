import type { CloudFrontHeaders, CloudFrontRequestEvent } from 'aws-lambda';

/** What a test says about a request; everything else is a good one. */
export type EventInput = {
  readonly method?: string;
  readonly uri?: string;
  readonly query?: string;
  /** A list sends the header several times; `undefined` leaves it out. */
  readonly headers?: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** JSON, or bytes as they are. */
  readonly body?: unknown;
  readonly truncated?: boolean;
  readonly requestId?: string;
};

/** Id of every test request, in CloudFront's spelling. */
export const REQUEST_ID = 'EXAMPLEqYl8aZ0cM2n4p6r8t0v2x4z6B8d0f2h4j6l8==';

const bytesOf = (body: unknown): Buffer => {
  if (body === undefined) return Buffer.alloc(0);
  return Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body));
};

const headersOf = (values: EventInput['headers']): CloudFrontHeaders =>
  Object.fromEntries(
    Object.entries(values ?? {}).flatMap(([name, value]) =>
      value === undefined ? [] : [[name.toLowerCase(), [value].flat().map((one) => ({ key: name, value: one }))]],
    ),
  );

/** An origin-request event as CloudFront sends it, from a viewer in Dublin. */
export const cloudFrontEvent = (
  input: EventInput,
  customHeaders: Readonly<Record<string, string>>,
): CloudFrontRequestEvent => {
  const bytes = bytesOf(input.body);
  return {
    Records: [
      {
        cf: {
          config: {
            distributionDomainName: 'd111111abcdef8.cloudfront.net',
            distributionId: 'EDFDVBD6EXAMPLE',
            eventType: 'origin-request',
            requestId: input.requestId ?? REQUEST_ID,
          },
          request: {
            clientIp: '203.0.113.178',
            method: input.method ?? 'GET',
            uri: input.uri ?? '/v1/whoami',
            querystring: input.query ?? '',
            headers: headersOf({
              host: 'origin.example',
              'x-forwarded-for': '203.0.113.178',
              'user-agent': 'Amazon CloudFront',
              via: '2.0 2afae0d44e2540f472c0635ab62c232b.cloudfront.net (CloudFront)',
              'accept-encoding': 'gzip',
              'cloudfront-viewer-latitude': '53.35',
              'cloudfront-viewer-longitude': '-6.26',
              'cloudfront-viewer-country': 'IE',
              ...(bytes.length > 0
                ? { 'content-type': 'application/json', 'content-length': String(bytes.length) }
                : {}),
              ...input.headers,
            }),
            ...(bytes.length > 0
              ? {
                  body: {
                    action: 'read-only',
                    data: bytes.toString('base64'),
                    encoding: 'base64',
                    inputTruncated: input.truncated ?? false,
                  },
                }
              : {}),
            origin: {
              custom: {
                customHeaders: headersOf({ ...customHeaders, 'x-operator': 'kept' }),
                domainName: 'origin.example',
                keepaliveTimeout: 5,
                path: '',
                port: 443,
                protocol: 'https',
                readTimeout: 30,
                sslProtocols: ['TLSv1.2'],
              },
            },
          },
        },
      },
    ],
  };
};
