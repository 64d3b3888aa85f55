import { RETRY_AFTER_SECONDS } from '../../core/contract/limits.ts';
import { Problem } from '../../core/contract/problems.ts';
import { HEADERS, routePath } from '../../core/contract/routes.ts';
import type { AuthorizedCall } from '../call.ts';
import { homeOf } from '../grant-answer.ts';
import type { GateForward } from '../request.ts';
import { singleHeader } from '../request.ts';

/** Headers of the client that an API gets; all others that may be removed are. */
const ALWAYS = ['authorization', 'origin'];
const WITH_BODY = [...ALWAYS, 'content-type'];
const WITH_DOCUMENT = [...WITH_BODY, HEADERS.idempotencyKey, 'content-digest'];

const namesFor = (body: AuthorizedCall['route']['body']): readonly string[] => {
  if (body === 'document') return WITH_DOCUMENT;
  return body === 'none' ? ALWAYS : WITH_BODY;
};

/** Sends a verified request on to a Region's API: path and query rebuilt, headers by allow-list, the time left told. */
export const forwardTo = (call: AuthorizedCall, region: string, id: string | null): GateForward => {
  const { request, route, query, budget } = call;
  const left = budget.left();
  if (left < 1) {
    throw new Problem('upstream_unavailable', 'No time was left to ask the Region; try again.', {
      headers: { 'retry-after': String(RETRY_AFTER_SECONDS) },
    });
  }
  const kept = namesFor(route.body).flatMap((name) => {
    const value = singleHeader(request, name);
    return value === undefined ? [] : [[name, value] as const];
  });
  const { apiHost, apiPath } = homeOf(call, region);
  return {
    kind: 'forward',
    host: apiHost,
    stage: apiPath,
    path: routePath(route.name, id ?? ''),
    query,
    headers: {
      ...Object.fromEntries(kept),
      [HEADERS.requestId]: request.requestId,
      [HEADERS.budget]: String(left),
    },
  };
};
