import type { KeysDocument } from '../../core/contract/registry.ts';
import type { FakeProvider } from './fake-provider.ts';
import type { Answer } from './gateway.ts';
import { ask, until } from './gateway.ts';
import type { Jwk, KeyPair } from './hostile-tokens/types.ts';
import { createKeyPair, writeEntry } from './hostile-tokens/write-token.ts';
import type { LocalJson } from './platform.ts';
import { readKeys, setClock } from './registry.ts';
import { signRaw } from './sign-raw.ts';

/** A key with the kid it is published under. */
export type NamedKey = { readonly kid: string; readonly pair: KeyPair; readonly jwk: Jwk };

export const createNamedKey = (kid: string): NamedKey => {
  const pair = createKeyPair('p256');
  return { kid, pair, jwk: { ...pair.publicJwk, kid, alg: pair.algorithm, use: 'sig' } };
};

/** The entry of an issuer whose key set the fake provider publishes. */
export const fetchedEntry = (id: string, provider: FakeProvider): unknown => {
  const pair = createKeyPair('p256');
  return {
    ...writeEntry({ id, own: pair, other: pair }, {}),
    requiredClaims: {},
    limits: {
      minBytes: 0,
      maxBytes: 1_000_000,
      types: ['*/*'],
      urlTtlSeconds: 900,
      regions: ['euw1', 'use1', 'apse2'],
    },
    keys: { jwksUri: `${provider.url}/${id}` },
  };
};

/** A token of issuer `id`, signed with `key`, that lives `life` seconds from `nowMs`. */
export const tokenOf = (id: string, { kid, pair }: NamedKey, nowMs: number, life = 600): string => {
  const iat = Math.floor(nowMs / 1_000);
  const claims = {
    iss: `https://${id}.example/`,
    aud: 'nearput',
    sub: 'user',
    org: { id: 't1' },
    scope: 'uploads:create uploads:read',
    iat,
    exp: iat + life,
  };
  return signRaw(JSON.stringify({ alg: 'ES256', kid, typ: 'JWT' }), JSON.stringify(claims), pair.privateKey, 'ES256');
};

/** The platform's clock, moved forward only. `now` is never ahead of it, also while it moves: a token must not come from the future. */
export const createMovedClock = (platform: () => LocalJson) => {
  let offset = 0;
  return {
    now: (): number => Date.now() + offset * 1_000,
    forward: async (seconds: number): Promise<void> => {
      const ahead = offset + seconds;
      await setClock(platform(), ahead);
      offset = ahead;
    },
  };
};

/** How long a refresher gets before the clock moves on, in milliseconds of the machine's time, and how often it does, in half minutes. */
const PATIENCE = { milliseconds: 1_500, halfMinutes: 24 } as const;

/**
 * Waits until the copy of every Region satisfies `done`. A fetch that failed because the machine was busy comes again only after a pause on
 * the platform's clock, so that clock is moved forward by `forward` when nothing happens.
 */
export const untilCopies = async (
  platform: LocalJson,
  forward: (seconds: number) => Promise<void>,
  done: (copy: KeysDocument['keys']) => boolean,
): Promise<void> => {
  const codes = Object.keys(platform.regions);
  const areDone = async () =>
    (await Promise.all(codes.map((code) => readKeys(platform, code)))).every(({ keys }) => done(keys));
  for (let left = PATIENCE.halfMinutes; left > 0; left -= 1) {
    const end = Date.now() + PATIENCE.milliseconds;
    while (Date.now() < end) {
      if (await areDone()) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    await forward(30);
  }
  throw new Error(
    `the copies of ${codes.join(', ')} are not as they should be after ${PATIENCE.halfMinutes} half minutes`,
  );
};

/** Waits until every Region's refresher has run at `sinceMs` of the platform's clock or later. */
export const untilRefreshed = async (platform: LocalJson, sinceMs: number): Promise<void> => {
  for (const code of Object.keys(platform.regions)) {
    const checkedAt = async () => Date.parse((await readKeys(platform, code)).checkedAt);
    await until(checkedAt, (at) => at >= sinceMs, 20_000);
  }
};

/** Asks until the answer is the gateway's own: no instance was free, which has nothing to do with the token. */
export const patiently = async (send: () => Promise<Answer>): Promise<Answer> => {
  for (let left = 50; ; left -= 1) {
    const answer = await send();
    if (left === 0 || answer.status < 500 || answer.headers['x-request-id'] !== undefined) return answer;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};

export const whoami = (platform: LocalJson, token: string): Promise<Answer> =>
  patiently(() => ask(`${platform.edge}/v1/whoami`, { headers: { authorization: `Bearer ${token}` } }));
