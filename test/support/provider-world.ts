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

/** The platform's clock, moved forward only. */
export const createMovedClock = (platform: () => LocalJson) => {
  let offset = 0;
  return {
    now: (): number => Date.now() + offset * 1_000,
    forward: async (seconds: number): Promise<void> => {
      offset += seconds;
      await setClock(platform(), offset);
    },
  };
};

/** Waits until the copy of every Region satisfies `done`. */
export const untilCopies = async (
  platform: LocalJson,
  done: (copy: Awaited<ReturnType<typeof readKeys>>['keys']) => boolean,
): Promise<void> => {
  for (const code of Object.keys(platform.regions)) {
    await until(async () => (await readKeys(platform, code)).keys, done, 20_000);
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
