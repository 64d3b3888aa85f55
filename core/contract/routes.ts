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

export const ROUTES: readonly Route[] = [
  {
    name: 'createUpload',
    method: 'POST',
    path: '/v1/uploads',
    where: 'edge',
    permission: 'uploads:create',
    query: [],
    body: 'json',
  },
  {
    name: 'renewUpload',
    method: 'POST',
    path: '/v1/uploads/{id}/renew',
    where: 'edge',
    permission: 'uploads:create',
    query: [],
    body: 'json',
  },
  {
    name: 'signParts',
    method: 'POST',
    path: '/v1/uploads/{id}/parts',
    where: 'edge',
    permission: 'uploads:create',
    query: [],
    body: 'json',
  },
  {
    name: 'listParts',
    method: 'GET',
    path: '/v1/uploads/{id}/parts',
    where: 'origin',
    permission: 'uploads:create',
    query: ['uploadId'],
    body: 'none',
  },
  {
    name: 'finalizeUpload',
    method: 'POST',
    path: '/v1/uploads/{id}/finalize',
    where: 'origin',
    permission: 'uploads:create',
    query: [],
    body: 'finalize',
  },
  {
    name: 'abortUpload',
    method: 'POST',
    path: '/v1/uploads/{id}/abort',
    where: 'origin',
    permission: 'uploads:create',
    query: [],
    body: 'none',
  },
  {
    name: 'getUpload',
    method: 'GET',
    path: '/v1/uploads/{id}',
    where: 'origin',
    permission: 'uploads:read',
    query: ['ttl', 'inline'],
    body: 'none',
  },
  {
    name: 'getContent',
    method: 'GET',
    path: '/v1/uploads/{id}/content',
    where: 'origin',
    permission: 'uploads:read',
    query: ['ttl', 'inline'],
    body: 'none',
  },
  {
    name: 'listUploads',
    method: 'GET',
    path: '/v1/uploads',
    where: 'origin',
    permission: 'uploads:read',
    query: ['limit', 'cursor', 'state'],
    body: 'none',
  },
  {
    name: 'deleteUpload',
    method: 'DELETE',
    path: '/v1/uploads/{id}',
    where: 'origin',
    permission: 'uploads:delete',
    query: [],
    body: 'none',
  },
  {
    name: 'restoreUpload',
    method: 'POST',
    path: '/v1/uploads/{id}/restore',
    where: 'origin',
    permission: 'uploads:delete',
    query: [],
    body: 'none',
  },
  {
    name: 'createDocument',
    method: 'POST',
    path: '/v1/documents',
    where: 'origin',
    permission: 'documents:create',
    query: [],
    body: 'document',
  },
  { name: 'whoami', method: 'GET', path: '/v1/whoami', where: 'edge', permission: null, query: [], body: 'none' },
  { name: 'health', method: 'GET', path: '/v1/health', where: 'edge', permission: 'public', query: [], body: 'none' },
  {
    name: 'openapi',
    method: 'GET',
    path: '/v1/openapi.json',
    where: 'edge',
    permission: 'public',
    query: [],
    body: 'none',
  },
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

/** Matches a raw path (no decoding, no query) and method against the table. */
export const matchRoute = (method: string, path: string): RouteMatch => {
  const allow: string[] = [];
  for (const route of ROUTES) {
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
