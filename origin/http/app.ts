import { Hono } from 'hono';
import { FINALIZE_BUDGET_MS, REQUEST_BUDGET_MS } from '../../core/contract/limits.ts';
import { Problem } from '../../core/contract/problems.ts';
import {
  HEADERS,
  matchRoute,
  ROUTES,
  type Route,
  type RouteMatch,
  type RouteName,
} from '../../core/contract/routes.ts';
import { checkPermission } from '../../core/identity/policy.ts';
import type { Call, CallHandler, RouteDeps, UploadCallHandler } from '../routes/call.ts';
import { createContent } from '../routes/content.ts';
import { createAbort, createDelete } from '../routes/end.ts';
import { createFinalize } from '../routes/finalize.ts';
import { createGet } from '../routes/get.ts';
import { createList } from '../routes/list.ts';
import { createListParts } from '../routes/list-parts.ts';
import { createRestore } from '../routes/restore.ts';
import { createDocument } from '../routes/unavailable.ts';
import { type AuthenticateDeps, authenticate } from './authenticate.ts';
import { type Budget, createBudget, readBudgetHeader } from './budget.ts';
import { findSubject } from './find-subject.ts';
import { problemOf, problemResponse } from './problem-response.ts';
import { requestIdOf } from './request-id.ts';
import { finishResponse, type RequestNotes, reportRequest } from './respond.ts';

export type ApiDeps = RouteDeps &
  AuthenticateDeps & {
    /** Code of the own Region, and of all deployed ones. */
    readonly region: string;
    readonly regions: readonly string[];
    readonly corsOrigins: readonly string[];
    /** Monotonic clock, milliseconds. */
    readonly monotonic: () => number;
  };

type Environment = { Variables: { budget: Budget; notes: RequestNotes } };

/** A handler by route; `upload` ones are only called for an upload of the caller's own, in its own Region. */
type Handlers = ReadonlyMap<
  RouteName,
  | { readonly about: 'upload'; readonly handle: UploadCallHandler }
  | { readonly about: 'caller'; readonly handle: CallHandler }
>;

const createHandlers = (deps: RouteDeps): Handlers =>
  new Map([
    ['finalizeUpload', { about: 'upload', handle: createFinalize(deps) }],
    ['getUpload', { about: 'upload', handle: createGet(deps) }],
    ['getContent', { about: 'upload', handle: createContent(deps) }],
    ['abortUpload', { about: 'upload', handle: createAbort(deps) }],
    ['deleteUpload', { about: 'upload', handle: createDelete(deps) }],
    ['restoreUpload', { about: 'upload', handle: createRestore(deps) }],
    ['listParts', { about: 'upload', handle: createListParts(deps) }],
    ['listUploads', { about: 'caller', handle: createList(deps) }],
    ['createDocument', { about: 'caller', handle: createDocument }],
  ]);

const ownLimitMs = (route: Route | undefined): number =>
  route?.name === 'finalizeUpload' ? FINALIZE_BUDGET_MS : REQUEST_BUDGET_MS;

const pathOf = (request: Request): string => new URL(request.url).pathname;

/** Routes that only the edge answers are none here. */
const OWN_ROUTES = ROUTES.filter(({ where }) => where === 'origin');

const matchOwn = (request: Request): RouteMatch => matchRoute(request.method, pathOf(request), OWN_ROUTES);

/** No route here: 405 with what the path takes, else 404. */
const noRoute = (request: Request): Problem => {
  const match = matchOwn(request);
  if (match.kind !== 'method_not_allowed') return new Problem('route_not_found', 'There is nothing at this path.');
  const allow = match.allow.join(', ');
  return new Problem('method_not_allowed', `Use ${allow} here.`, { headers: { allow } });
};

/**
 * The regional API: `Request → Response` for every origin route. Each request's token, permission, id and Region are checked here, whoever
 * sent it on; nothing is trusted because of where it came from.
 */
export const createApi = (deps: ApiDeps): ((request: Request) => Promise<Response>) => {
  const handlers = createHandlers(deps);
  // The raw path: decoding would make two spellings of one id.
  const app = new Hono<Environment>({ getPath: pathOf });

  const answer = async (route: Route, request: Request, budget: Budget, notes: RequestNotes): Promise<Response> => {
    const handler = handlers.get(route.name);
    if (handler === undefined || route.permission === null || route.permission === 'public') throw noRoute(request);
    // Hono would answer HEAD with GET's handler.
    if (request.method !== route.method) throw noRoute(request);
    const authorization = request.headers.get('authorization');
    const principal = await authenticate(deps, {
      authorization: authorization === null ? [] : [authorization],
      budget,
      notes,
    });
    checkPermission(principal, route.permission);
    const url = new URL(request.url);
    const call: Call = { request, query: url.searchParams, route, principal, budget, requestId: notes.requestId };
    if (handler.about === 'caller') return handler.handle(call);
    const id = url.pathname.split('/')[3] ?? '';
    const subject = findSubject({ id, principal, route, region: deps.region, regions: deps.regions });
    return handler.handle({ ...call, subject });
  };

  app.use('*', async (context, next) => {
    const { request, requestId } = {
      request: context.req.raw,
      requestId: requestIdOf(context.req.header(HEADERS.requestId) ?? null),
    };
    const match = matchOwn(request);
    const route = match.kind === 'route' ? match.route : undefined;
    const startedAt = deps.monotonic();
    const given = readBudgetHeader(context.req.header(HEADERS.budget) ?? null);
    const totalMs = Math.min(ownLimitMs(route), given ?? Number.POSITIVE_INFINITY);
    const budget = createBudget({ now: deps.monotonic, totalMs });
    const notes: RequestNotes = { requestId, region: deps.region, route: route?.name ?? match.kind };
    context.set('budget', budget);
    context.set('notes', notes);
    await next();
    const ms = deps.monotonic() - startedAt;
    const origin = context.req.header('origin') ?? null;
    context.res = finishResponse(context.res, { requestId, origin, corsOrigins: deps.corsOrigins, budget, ms });
    reportRequest(deps.telemetry, notes, context.res.status, budget, ms);
  });

  for (const route of OWN_ROUTES) {
    app.on(route.method, route.path.replace('{id}', ':id'), (context) =>
      answer(route, context.req.raw, context.get('budget'), context.get('notes')),
    );
  }
  app.notFound((context) => {
    const problem = noRoute(context.req.raw);
    context.get('notes').problem = problem;
    return problemResponse(problem, context.get('notes').requestId);
  });
  app.onError((error, context) => {
    const problem = problemOf(error);
    context.get('notes').problem = problem;
    return problemResponse(problem, context.get('notes').requestId);
  });
  return async (request) => app.fetch(request);
};
