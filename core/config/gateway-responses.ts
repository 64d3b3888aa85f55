import { PROBLEM_MEDIA_TYPE, PROBLEMS, type ProblemCode, problemType } from '../contract/problems.ts';

/**
 * Types of answers that API Gateway gives by itself, before or instead of our code.
 * Source: "Gateway response types for API Gateway".
 */
export type GatewayResponseType =
  | 'BAD_REQUEST_BODY'
  | 'BAD_REQUEST_PARAMETERS'
  | 'DEFAULT_4XX'
  | 'DEFAULT_5XX'
  | 'INTEGRATION_FAILURE'
  | 'INTEGRATION_TIMEOUT'
  | 'MISSING_AUTHENTICATION_TOKEN'
  | 'QUOTA_EXCEEDED'
  | 'REQUEST_TOO_LARGE'
  | 'RESOURCE_NOT_FOUND'
  | 'THROTTLED'
  | 'UNSUPPORTED_MEDIA_TYPE';

/** How API Gateway's own answers read: problems like all others. */
export type GatewayProblem = { readonly code: ProblemCode; readonly detail: string };

const later = 'Ask again after the seconds in Retry-After.';
const malformed = 'API Gateway could not read the request: check its path, query and headers.';

/** What is answered for each type; the two defaults stand for every type that is not named. */
export const GATEWAY_PROBLEMS: Readonly<Record<GatewayResponseType, GatewayProblem>> = {
  BAD_REQUEST_BODY: { code: 'request_invalid', detail: malformed },
  BAD_REQUEST_PARAMETERS: { code: 'request_invalid', detail: malformed },
  DEFAULT_4XX: { code: 'request_invalid', detail: malformed },
  DEFAULT_5XX: { code: 'upstream_unavailable', detail: `The regional API could not answer. ${later}` },
  INTEGRATION_FAILURE: { code: 'upstream_unavailable', detail: `The regional API could not answer. ${later}` },
  INTEGRATION_TIMEOUT: { code: 'upstream_unavailable', detail: `The regional API did not answer in time. ${later}` },
  MISSING_AUTHENTICATION_TOKEN: { code: 'route_not_found', detail: 'The API has no such path.' },
  QUOTA_EXCEEDED: { code: 'throttled', detail: `The API gets more requests than it takes. ${later}` },
  REQUEST_TOO_LARGE: { code: 'body_too_large', detail: 'The body is larger than the API takes: send a smaller one.' },
  RESOURCE_NOT_FOUND: { code: 'route_not_found', detail: 'The API has no such path.' },
  THROTTLED: { code: 'throttled', detail: `The API gets more requests than it takes. ${later}` },
  UNSUPPORTED_MEDIA_TYPE: { code: 'media_type', detail: 'Send the body with the content type the API documents.' },
};

/** Seconds after which a refusal of API Gateway's may be asked again; for a throttled or unavailable one. */
const RETRY_AFTER = '1';

/** Status of the answer for a type. */
export const gatewayStatus = (type: GatewayResponseType): number => PROBLEMS[GATEWAY_PROBLEMS[type].code].status;

/**
 * Headers of the answer for a type. No cookie and no secret is in it, so every page may read it, whichever origins the gate and the API
 * answer to.
 */
export const gatewayHeaders = (type: GatewayResponseType): Readonly<Record<string, string>> => ({
  'content-type': PROBLEM_MEDIA_TYPE,
  'cache-control': 'no-store',
  'access-control-allow-origin': '*',
  'access-control-expose-headers': 'retry-after,x-request-id',
  ...([429, 503].includes(gatewayStatus(type)) ? { 'retry-after': RETRY_AFTER } : {}),
});

/** Body of the answer for a type; `requestId` is a value, or API Gateway's variable for it. */
export const gatewayBody = (type: GatewayResponseType, requestId: string): string => {
  const { code, detail } = GATEWAY_PROBLEMS[type];
  const { title, status } = PROBLEMS[code];
  return JSON.stringify({ type: problemType(code), title, status, code, detail, requestId });
};
