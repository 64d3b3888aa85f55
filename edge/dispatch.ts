import { Problem } from '../core/contract/problems.ts';
import { matchRoute, type Route } from '../core/contract/routes.ts';
import { authorize } from './authorize.ts';
import type { AuthorizedCall, Call, RouteDeps } from './call.ts';
import { respondPreflight } from './cors.ts';
import { ownUpload } from './own-upload.ts';
import { pickRegion } from './pick-region.ts';
import { checkBody } from './read-body.ts';
import { readIdempotencyKey } from './read-idempotency-key.ts';
import { rebuildQuery } from './read-query.ts';
import type { GateAnswer } from './request.ts';
import { createUpload } from './routes/create-upload.ts';
import { forwardTo } from './routes/forward.ts';
import { health } from './routes/health.ts';
import { openapi } from './routes/openapi.ts';
import { renewUpload } from './routes/renew-upload.ts';
import { signParts } from './routes/sign-parts.ts';
import { whoami } from './routes/whoami.ts';

/** A request before its path is known. */
export type Arrival = Omit<Call, 'route' | 'query'>;

/** Answers a request or throws a problem. */
export type Dispatch = (arrival: Arrival) => Promise<GateAnswer>;

/** Methods that a known path takes, with those every such path has. */
const methodsOf = (path: string): readonly string[] => {
  const hit = matchRoute('OPTIONS', path);
  const methods = hit.kind === 'method_not_allowed' ? hit.allow : [];
  const get = matchRoute('GET', path);
  const head = get.kind === 'route' && get.route.where === 'edge' ? ['HEAD'] : [];
  return [...methods, ...head, 'OPTIONS'];
};

type Match = { readonly route: Route; readonly segment: string | null };

/** The route of a path and method; HEAD is GET without its body, where the gate itself answers. */
const findRoute = ({ method, path }: Arrival['request']): Match => {
  const hit = matchRoute(method === 'HEAD' ? 'GET' : method, path);
  if (hit.kind === 'route_not_found') {
    throw new Problem('route_not_found', 'Ask for a path of this gateway; GET /v1/openapi.json describes them all.');
  }
  if (hit.kind === 'method_not_allowed' || (method === 'HEAD' && hit.route.where === 'origin')) {
    const allow = methodsOf(path).join(', ');
    throw new Problem('method_not_allowed', `Use one of ${allow} here.`, { headers: { allow } });
  }
  return { route: hit.route, segment: hit.id };
};

/**
 * What happens to every request, in this order: path and method, preflight, token, permission, whose upload, query, body
 * headers, the route's own work. A caller learns nothing about ids before its token is known to be good.
 */
export const dispatch = (deps: RouteDeps): Dispatch => {
  const onPublic = { health: health(deps), openapi };
  const onCaller = { createUpload: createUpload(deps), whoami: whoami(deps) };
  const onUpload = { renewUpload: renewUpload(deps), signParts: signParts(deps) };

  const answerCaller = (call: AuthorizedCall): GateAnswer | Promise<GateAnswer> => {
    const { name } = call.route;
    if (name === 'createUpload' || name === 'whoami') return onCaller[name](call);
    const takesUploads = name === 'createDocument';
    if (takesUploads) readIdempotencyKey(call.request);
    return forwardTo(call, pickRegion(call, deps.edgeRegion, { takesUploads }).region, null);
  };

  const answerUpload = (call: AuthorizedCall, segment: string): GateAnswer | Promise<GateAnswer> => {
    const { route, principal, runtime, notes, request } = call;
    const upload = ownUpload(segment, route, principal, runtime.config.regions);
    notes.uploadId = upload.id;
    notes.region = upload.region;
    const ready = { ...call, query: rebuildQuery(route, request.query), upload };
    checkBody(route, request);
    if (route.name === 'renewUpload' || route.name === 'signParts') return onUpload[route.name](ready);
    return forwardTo(ready, upload.region, upload.id);
  };

  return async (arrival) => {
    const { request, runtime, notes } = arrival;
    if (request.method === 'OPTIONS' && matchRoute('OPTIONS', request.path).kind === 'method_not_allowed') {
      return respondPreflight(request, runtime.corsOrigins, methodsOf(request.path));
    }
    const { route, segment } = findRoute(request);
    notes.route = route.name;
    const call: Call = { ...arrival, route, query: '' };
    if (route.name === 'health' || route.name === 'openapi') {
      rebuildQuery(route, request.query);
      return onPublic[route.name](call);
    }
    const authorized = { ...call, ...(await authorize(call, deps.now)) };
    if (segment !== null) return answerUpload(authorized, segment);
    const query = rebuildQuery(route, request.query);
    checkBody(route, request);
    return answerCaller({ ...authorized, query });
  };
};
