import { QUERY_MAX_LENGTH } from '../core/contract/limits.ts';
import { Problem } from '../core/contract/problems.ts';
import type { Route } from '../core/contract/routes.ts';

const refuse = (message: string): never => {
  throw new Problem('request_invalid', `Change the query: ${message}.`);
};

const decode = (text: string): string => {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch (cause) {
    throw new Problem('request_invalid', 'Change the query: it is not percent-encoded UTF-8.', { cause });
  }
};

const describe = ({ query }: Route): string =>
  query.length === 0 ? 'this route takes no parameters' : `this route takes ${query.join(', ')}`;

/**
 * Reads a raw query and writes it again from the parameters the route knows. Throws `request_invalid` for an unknown or
 * repeated parameter, for broken percent-encoding and for too much. Values are the origin's to judge.
 */
export const rebuildQuery = (route: Route, query: string): string => {
  const values = new Map<string, string>();
  for (const pair of query.split('&')) {
    if (pair === '') continue;
    const [name = '', ...rest] = pair.split('=');
    const known = route.query.find((candidate) => candidate === decode(name));
    if (known === undefined) return refuse(`leave out what is unknown here, ${describe(route)}`);
    if (values.has(known)) return refuse(`give ${known} once`);
    values.set(known, decode(rest.join('=')));
  }
  const rebuilt = [...values].map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&');
  return rebuilt.length <= QUERY_MAX_LENGTH ? rebuilt : refuse(`send at most ${QUERY_MAX_LENGTH} characters`);
};
