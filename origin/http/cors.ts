import { HEADERS } from '../../core/contract/routes.ts';

const EXPOSED = [HEADERS.requestId, 'retry-after', 'location', 'server-timing', 'www-authenticate', 'allow'].join(', ');

/** CORS of an answer: the configured origins, exactly, never with credentials. `vary` stands on every answer, for caches on the way. */
export const corsHeaders = (origin: string | null, allowed: readonly string[]): Readonly<Record<string, string>> => ({
  vary: 'origin',
  ...(origin !== null && allowed.includes(origin)
    ? {
        'access-control-allow-origin': origin,
        'access-control-expose-headers': EXPOSED,
        'timing-allow-origin': origin,
      }
    : {}),
});
