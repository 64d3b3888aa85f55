import { fault } from '../errors.ts';
import type { CorsRule } from '../options.ts';
import type { Reply } from './call.ts';

/**
 * The answer to a preflight. No signature is needed; the first rule that allows origin, method and every asked header
 * decides, else AccessForbidden. Source: Amazon S3 user guide, "How does S3 evaluate CORS on a bucket".
 */
export function preflight(rules: readonly CorsRule[], header: (name: string) => string | undefined): Reply {
  const origin = header('origin');
  const method = header('access-control-request-method');
  if (origin === undefined || method === undefined) {
    throw fault('InvalidArgument', { message: 'Insufficient information. Origin request header needed.' });
  }
  const asked = headerList(header('access-control-request-headers'));
  const rule = rules.find((candidate) => allows(candidate, origin, method, asked));
  if (!rule) {
    throw fault('AccessForbidden', {
      message:
        rules.length === 0
          ? 'CORSResponse: CORS is not enabled for this bucket.'
          : "CORSResponse: This CORS request is not allowed. This is usually because the evalution of Origin, request method / Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted by the resource's CORS spec.",
      details: { Method: method, ResourceType: 'OBJECT' },
    });
  }
  return {
    status: 200,
    headers: {
      ...corsHeaders(rule, origin),
      ...(asked.length > 0 ? { 'access-control-allow-headers': asked.join(', ') } : {}),
      ...(rule.maxAgeSeconds === null ? {} : { 'access-control-max-age': String(rule.maxAgeSeconds) }),
    },
  };
}

/** Headers for the answer to an actual request from a page; none when it came from no page or no rule fits. */
export function actualCorsHeaders(
  rules: readonly CorsRule[],
  origin: string | undefined,
  method: string,
): Readonly<Record<string, string>> {
  if (origin === undefined || rules.length === 0) return {};
  const rule = rules.find((candidate) => allows(candidate, origin, method, []));
  return rule ? corsHeaders(rule, origin) : {};
}

function corsHeaders(rule: CorsRule, origin: string): Record<string, string> {
  const anyOrigin = rule.allowedOrigins.includes('*');
  return {
    'access-control-allow-origin': anyOrigin ? '*' : origin,
    'access-control-allow-methods': rule.allowedMethods.join(', '),
    ...(rule.exposedHeaders.length > 0 ? { 'access-control-expose-headers': rule.exposedHeaders.join(', ') } : {}),
    ...(anyOrigin ? {} : { 'access-control-allow-credentials': 'true' }),
    vary: 'Origin, Access-Control-Request-Headers, Access-Control-Request-Method',
  };
}

function allows(rule: CorsRule, origin: string, method: string, asked: readonly string[]): boolean {
  return (
    rule.allowedMethods.includes(method) &&
    rule.allowedOrigins.some((pattern) => fits(pattern, origin)) &&
    asked.every((name) => rule.allowedHeaders.some((pattern) => fits(pattern.toLowerCase(), name)))
  );
}

/** One `*` stands for any run of characters. */
function fits(pattern: string, value: string): boolean {
  const star = pattern.indexOf('*');
  if (star < 0) return pattern === value;
  const head = pattern.slice(0, star);
  const tail = pattern.slice(star + 1);
  return value.length >= head.length + tail.length && value.startsWith(head) && value.endsWith(tail);
}

function headerList(value: string | undefined): string[] {
  return (value ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '');
}
