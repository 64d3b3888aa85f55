import type { Permission } from './states.ts';

/**
 * The routes of `/v1`, once: the gate, the API, the SDK, k6 and the OpenAPI document all read this table.
 * Imports only a type, so k6 can load it.
 */

export type RouteName =
  | 'createUpload'
  | 'renewUpload'
  | 'signParts'
  | 'listParts'
  | 'finalizeUpload'
  | 'abortUpload'
  | 'getUpload'
  | 'getContent'
  | 'listUploads'
  | 'deleteUpload'
  | 'restoreUpload'
  | 'createDocument'
  | 'whoami'
  | 'health'
  | 'openapi';

export type Route = {
  readonly name: RouteName;
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Path with `{id}` where the upload's id stands. */
  readonly path: string;
  /** Where it is answered. */
  readonly where: 'edge' | 'origin';
  /** `public`: no token. `null`: any good token. */
  readonly permission: Permission | 'public' | null;
  /** Query parameters the route reads. */
  readonly query: readonly string[];
  /** Largest request body in bytes, by the name of its limit; `none`: a body is ignored. */
  readonly body: 'none' | 'json' | 'finalize' | 'document';
};

const route = (
  name: RouteName,
  method: Route['method'],
  path: string,
  where: Route['where'],
  permission: Route['permission'],
  body: Route['body'] = 'none',
  query: readonly string[] = [],
): Route => ({ name, method, path, where, permission, query, body });

export const ROUTES: readonly Route[] = [
  route('createUpload', 'POST', '/v1/uploads', 'edge', 'uploads:create', 'json'),
  route('renewUpload', 'POST', '/v1/uploads/{id}/renew', 'edge', 'uploads:create', 'json'),
  route('signParts', 'POST', '/v1/uploads/{id}/parts', 'edge', 'uploads:create', 'json'),
  route('listParts', 'GET', '/v1/uploads/{id}/parts', 'origin', 'uploads:create', 'none', ['uploadId']),
  route('finalizeUpload', 'POST', '/v1/uploads/{id}/finalize', 'origin', 'uploads:create', 'finalize'),
  route('abortUpload', 'POST', '/v1/uploads/{id}/abort', 'origin', 'uploads:create'),
  route('getUpload', 'GET', '/v1/uploads/{id}', 'origin', 'uploads:read', 'none', ['ttl', 'inline']),
  route('getContent', 'GET', '/v1/uploads/{id}/content', 'origin', 'uploads:read', 'none', ['ttl', 'inline']),
  route('listUploads', 'GET', '/v1/uploads', 'origin', 'uploads:read', 'none', ['limit', 'cursor', 'state']),
  route('deleteUpload', 'DELETE', '/v1/uploads/{id}', 'origin', 'uploads:delete'),
  route('restoreUpload', 'POST', '/v1/uploads/{id}/restore', 'origin', 'uploads:delete'),
  route('createDocument', 'POST', '/v1/documents', 'origin', 'documents:create', 'document'),
  route('whoami', 'GET', '/v1/whoami', 'edge', null),
  route('health', 'GET', '/v1/health', 'edge', 'public'),
  route('openapi', 'GET', '/v1/openapi.json', 'edge', 'public'),
];

/** What a raw path and method match. `id` is the raw segment, not yet parsed. */
export type RouteMatch =
  | { readonly kind: 'route'; readonly route: Route; readonly id: string | null }
  | { readonly kind: 'method_not_allowed'; readonly allow: readonly string[] }
  | { readonly kind: 'route_not_found' };

const matchPath = (pattern: string, path: string): { id: string | null } | undefined => {
  const want = pattern.split('/');
  const have = path.split('/');
  if (want.length !== have.length) return undefined;
  let id: string | null = null;
  for (const [index, segment] of want.entries()) {
    const actual = have[index] ?? '';
    if (segment === '{id}') {
      if (actual === '') return undefined;
      id = actual;
    } else if (segment !== actual) return undefined;
  }
  return { id };
};

/** Matches a raw path (no decoding, no query) and method against the table, or those of it that a hop answers. */
export const matchRoute = (method: string, path: string, routes: readonly Route[] = ROUTES): RouteMatch => {
  const allow: string[] = [];
  for (const route of routes) {
    const hit = matchPath(route.path, path);
    if (hit === undefined) continue;
    if (route.method === method) return { kind: 'route', route, id: hit.id };
    allow.push(route.method);
  }
  return allow.length > 0 ? { kind: 'method_not_allowed', allow } : { kind: 'route_not_found' };
};

/** The path of a route for an id. */
export const routePath = (name: RouteName, id?: string): string => {
  const route = ROUTES.find((candidate) => candidate.name === name);
  if (route === undefined) throw new Error(`unknown route ${name}`);
  return route.path.replace('{id}', id ?? '');
};

/** Header names of ours, lower case. */
export const HEADERS = {
  requestId: 'x-request-id',
  budget: 'x-nearput-budget-ms',
  config: 'x-nearput-config-',
  idempotencyKey: 'idempotency-key',
  simViewer: 'x-sim-viewer',
} as const;

/** The one user-metadata header of every object, with S3's prefix. */
export const GRANT_METADATA_HEADER = 'x-amz-meta-nearput';
