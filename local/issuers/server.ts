import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../support/clock.ts';
import { type Listening, listen, sendJson, splitTarget } from '../support/http.ts';
import { readWish, type Wish } from '../support/read-wish.ts';
import { answerKeySet, type Behaviour, GOOD, MODES, type Mode } from './behaviour.ts';
import { DEFAULT_ISSUER, ISSUER_PREFIX, ISSUERS, type IssuerId } from './issuers.ts';
import { type KeyStore, publicJwk } from './key-store.ts';
import { mint } from './mint.ts';

const DEFAULT_DELAY_MS = 5_000;

/**
 * The test issuers on one port. Token and admin routes take `application/json` from no foreign page and send no CORS, so
 * that no web site can mint tokens through a developer's browser.
 */
export async function startIssuers(deps: {
  readonly port: number;
  readonly keys: KeyStore;
  readonly clock: Clock;
}): Promise<Listening> {
  const behaviours = new Map<IssuerId, Behaviour>();
  const listening = await listen(
    (request, response) => serve({ ...deps, behaviours, own: listening.url }, request, response),
    { port: deps.port },
  );
  return listening;
}

interface Deps {
  readonly keys: KeyStore;
  readonly clock: Clock;
  readonly behaviours: Map<IssuerId, Behaviour>;
  readonly own: string;
}

async function serve(deps: Deps, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { rawPath, rawQuery } = splitTarget(request.url ?? '/');
  const [first = '', second = '', ...more] = rawPath.split('/').slice(1);
  const short = second === '' && first === 'token';
  const id = findIssuer(short ? DEFAULT_ISSUER : first);
  const route = `${request.method} ${short ? 'token' : second}`;
  if (request.method === 'GET' && rawPath === '/') return sendJson(response, 200, describe(deps));
  if (id === undefined || more.length > 0) return refuse(response, 404, 'no such issuer');
  if (route === 'GET jwks.json' || route === 'HEAD jwks.json') {
    const behaviour = rawQuery === 'redirected=1' ? GOOD : (deps.behaviours.get(id) ?? GOOD);
    return answerKeySet(response, { id, path: rawPath, keys: deps.keys.keys(id) }, behaviour);
  }
  const read = await readWish(request, deps.own);
  if ('error' in read) return refuse(response, read.status, read.error);
  const { wish } = read;
  switch (route) {
    case 'POST token':
      return token(deps, id, wish, response);
    case 'POST rotate': {
      const { kid } = await deps.keys.rotate(id, wish['drop'] === true);
      return sendJson(response, 200, { kid, kids: deps.keys.keys(id).map((key) => key.kid) });
    }
    case 'PUT behaviour':
      return behave(deps, id, wish, response);
    default:
      return refuse(response, 404, 'routes: POST token, GET jwks.json, POST rotate, PUT behaviour');
  }
}

async function token(deps: Deps, id: IssuerId, wish: Wish, response: ServerResponse): Promise<void> {
  const [key] = deps.keys.keys(id);
  if (!key) return refuse(response, 500, 'no key');
  try {
    sendJson(response, 200, { token: await mint(id, key, wish, deps.clock.now()) });
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    refuse(response, 400, error.message);
  }
}

async function behave(deps: Deps, id: IssuerId, wish: Wish, response: ServerResponse): Promise<void> {
  const { mode, delayMs = DEFAULT_DELAY_MS } = wish;
  const known = MODES.find((name): name is Mode => name === mode);
  if (known === undefined) return refuse(response, 400, `mode is one of ${MODES.join(', ')}`);
  if (typeof delayMs !== 'number' || !(delayMs >= 0)) return refuse(response, 400, 'delayMs is milliseconds');
  deps.behaviours.set(id, { mode: known, delayMs });
  sendJson(response, 200, { mode: known, delayMs });
}

function describe(deps: Deps): unknown {
  return {
    issuers: ISSUERS.map(({ id, algorithm }) => ({
      id,
      issuer: `${ISSUER_PREFIX}${id}`,
      algorithm,
      jwks: `${deps.own}/${id}/jwks.json`,
      kids: deps.keys.keys(id).map((key) => publicJwk(key).kid),
    })),
  };
}

function findIssuer(id: string): IssuerId | undefined {
  return ISSUERS.find((issuer) => issuer.id === id)?.id;
}

function refuse(response: ServerResponse, status: number, detail: string): void {
  sendJson(response, status, { error: detail });
}
