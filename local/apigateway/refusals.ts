import type { GatewayRefusal } from './types.ts';

const refusal =
  (status: number, message: string, errorType: string) =>
  (reason: string): GatewayRefusal => ({
    status,
    message,
    errorType,
    reason,
  });

/** API Gateway's own answers, by the names of its gateway responses. Source: "Gateway response types for API Gateway". */
export const GATEWAY_REFUSALS = {
  badRequest: refusal(400, 'Bad Request', 'BadRequestException'),
  forbidden: refusal(403, 'Forbidden', 'ForbiddenException'),
  /** What an unknown path or method gets. */
  missingAuthenticationToken: refusal(403, 'Missing Authentication Token', 'MissingAuthenticationTokenException'),
  requestTooLong: refusal(413, 'Request Too Long', 'RequestTooLargeException'),
  throttled: refusal(429, 'Too Many Requests', 'TooManyRequestsException'),
  headersTooLarge: refusal(431, 'Request Header Fields Too Large', 'RequestHeaderFieldsTooLargeException'),
  /** A throttled function: its 429 never reaches the client. */
  integrationFailure: refusal(500, 'Internal server error', 'InternalServerErrorException'),
  /** A function that failed, or whose result has another form. */
  badGateway: refusal(502, 'Internal server error', 'InternalServerErrorException'),
  integrationTimeout: refusal(504, 'Endpoint request timed out', 'IntegrationTimeoutException'),
} as const;
