import type { GatewayRequest } from './types.ts';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const two = (value: number): string => String(value).padStart(2, '0');

/** `09/Apr/2026:12:34:56 +0000` */
const requestTime = (time: number): string => {
  const at = new Date(time);
  const day = `${two(at.getUTCDate())}/${MONTHS[at.getUTCMonth()]}/${at.getUTCFullYear()}`;
  return `${day}:${two(at.getUTCHours())}:${two(at.getUTCMinutes())}:${two(at.getUTCSeconds())} +0000`;
};

type Single = Record<string, string>;
type Multi = Record<string, string[]>;

/** Both maps of API Gateway: the last value of each name, and all values. `null` for none. */
export const bothMaps = (
  pairs: Iterable<readonly [string, string]>,
): { single: Single | null; multi: Multi | null } => {
  const single: Single = {};
  const multi: Multi = {};
  let empty = true;
  for (const [name, value] of pairs) {
    empty = false;
    single[name] = value;
    if (Object.hasOwn(multi, name)) multi[name]?.push(value);
    else multi[name] = [value];
  }
  return empty ? { single: null, multi: null } : { single, multi };
};

export type ApiIdentity = {
  readonly accountId: string;
  readonly apiId: string;
  readonly domainName: string;
  readonly stage: string;
};

/** The Lambda proxy event of a REST API, version 1.0, with binaryMediaTypes `*\/*`: every body in base64. */
export const proxyEvent = (request: GatewayRequest, api: ApiIdentity) => {
  const headers = bothMaps(request.headers);
  const query = bothMaps(request.query === '' ? [] : new URLSearchParams(request.query));
  const binary = request.body.length > 0;
  return {
    resource: request.resource,
    path: request.path,
    httpMethod: request.method,
    headers: headers.single,
    multiValueHeaders: headers.multi,
    queryStringParameters: query.single,
    multiValueQueryStringParameters: query.multi,
    pathParameters: request.pathParameters,
    stageVariables: null,
    requestContext: {
      accountId: api.accountId,
      apiId: api.apiId,
      domainName: api.domainName,
      domainPrefix: api.apiId,
      stage: api.stage,
      resourceId: 'local',
      resourcePath: request.resource,
      path: `/${api.stage}${request.path}`,
      httpMethod: request.method,
      protocol: request.protocol,
      requestId: request.requestId,
      extendedRequestId: request.extendedRequestId,
      requestTime: requestTime(request.time),
      requestTimeEpoch: request.time,
      identity: {
        accessKey: null,
        accountId: null,
        caller: null,
        cognitoAuthenticationProvider: null,
        cognitoAuthenticationType: null,
        cognitoIdentityId: null,
        cognitoIdentityPoolId: null,
        principalOrgId: null,
        sourceIp: request.sourceIp,
        user: null,
        userAgent: request.headers.find(([name]) => name.toLowerCase() === 'user-agent')?.[1] ?? null,
        userArn: null,
      },
    },
    body: binary ? request.body.toString('base64') : null,
    isBase64Encoded: binary,
  };
};
