import { type GateRequest, type GateResponse, singleHeader } from './request.ts';
import { respondEmpty } from './respond.ts';

/** Headers a page may send. */
const ALLOWED_HEADERS = 'authorization, content-type, idempotency-key, content-digest';
/** Headers a page may read beside the safe-listed ones. */
const EXPOSED_HEADERS = 'x-request-id, retry-after, www-authenticate, allow, server-timing';
/** How long a browser may remember a preflight, in seconds; Chromium remembers no longer. */
const PREFLIGHT_SECONDS = '7200';

/** The request's origin, if it is one of those configured, to the letter. */
const allowedOrigin = (request: GateRequest, origins: ReadonlySet<string>): string | undefined => {
  const origin = singleHeader(request, 'origin');
  return origin !== undefined && origins.has(origin) ? origin : undefined;
};

/** CORS headers of every answer but a preflight's: one exact origin or none, never credentials. */
export const corsHeaders = (request: GateRequest, origins: ReadonlySet<string>): Record<string, string> => {
  const origin = allowedOrigin(request, origins);
  if (origin === undefined) return { vary: 'Origin' };
  return {
    vary: 'Origin',
    'access-control-allow-origin': origin,
    'access-control-expose-headers': EXPOSED_HEADERS,
    'timing-allow-origin': origin,
  };
};

/** The answer to OPTIONS on a path that takes `methods`; a page of another origin finds no permission in it. */
export const respondPreflight = (
  request: GateRequest,
  origins: ReadonlySet<string>,
  methods: readonly string[],
): GateResponse => {
  const allowed = allowedOrigin(request, origins) !== undefined;
  return respondEmpty(204, {
    allow: methods.join(', '),
    vary: 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers',
    ...(allowed
      ? {
          'access-control-allow-methods': methods.join(', '),
          'access-control-allow-headers': ALLOWED_HEADERS,
          'access-control-max-age': PREFLIGHT_SECONDS,
        }
      : {}),
  });
};
