import type { GatewayResponseType } from '../../core/config/gateway-responses.ts';
import type { GatewayRefusal } from './types.ts';

const refusal =
  (status: number, message: string, errorType: string, type: GatewayResponseType | null) =>
  (reason: string): GatewayRefusal => ({
    status,
    message,
    errorType,
    reason,
    type,
  });

/** API Gateway's own answers, by the names of its gateway responses. Source: "Gateway response types for API Gateway". */
export const GATEWAY_REFUSALS = {
  badRequest: refusal(400, 'Bad Request', 'BadRequestException', 'BAD_REQUEST_PARAMETERS'),
  forbidden: refusal(403, 'Forbidden', 'ForbiddenException', null),
  /** What an unknown path or method gets. */
  missingAuthenticationToken: refusal(
    403,
    'Missing Authentication Token',
    'MissingAuthenticationTokenException',
    'MISSING_AUTHENTICATION_TOKEN',
  ),
  requestTooLong: refusal(413, 'Request Too Long', 'RequestTooLargeException', 'REQUEST_TOO_LARGE'),
  throttled: refusal(429, 'Too Many Requests', 'TooManyRequestsException', 'THROTTLED'),
  headersTooLarge: refusal(431, 'Request Header Fields Too Large', 'RequestHeaderFieldsTooLargeException', null),
  /** A throttled function: its 429 never reaches the client. */
  integrationFailure: refusal(500, 'Internal server error', 'InternalServerErrorException', 'DEFAULT_5XX'),
  /** A function that failed, or whose result has another form. */
  badGateway: refusal(502, 'Internal server error', 'InternalServerErrorException', 'DEFAULT_5XX'),
  integrationTimeout: refusal(504, 'Endpoint request timed out', 'IntegrationTimeoutException', 'INTEGRATION_TIMEOUT'),
} as const;
