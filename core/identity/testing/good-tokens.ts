import type { KeyObject } from 'node:crypto';
import type { Algorithm } from '../../contract/issuer-entry.ts';
import type { Registry } from '../registry.ts';
import { createTestEntry, createTestIssuer, createTestRegistry, signToken, type TestIssuer } from './issuers.ts';
import { respellEcdsa } from './respell-signature.ts';

/** A key that no entry knows. */
export type Forger = {
  readonly algorithm: Algorithm;
  readonly privateKey: KeyObject;
  readonly publicJwk: Readonly<Record<string, unknown>>;
};

/** Good tokens of several issuers, and what somebody who wants in has at hand. */
export type GoodTokens = {
  readonly registry: Registry;
  readonly tokens: readonly string[];
  /** The same tokens with (r, n − s) for (r, s): other bytes, and just as good. */
  readonly respelled: ReadonlySet<string>;
  readonly forgers: readonly Forger[];
  readonly issuers: readonly TestIssuer[];
};

const KINDS: readonly (readonly [string, Algorithm])[] = [
  ['acme', 'ES256'],
  ['globex', 'EdDSA'],
  ['local', 'RS256'],
  ['umbrella', 'PS256'],
  ['initech', 'ES384'],
];

const CLAIMS: readonly Record<string, unknown>[] = [
  {},
  { sub: 'somebody else', jti: 'token-2', scope: ['uploads:delete', 'documents:create'] },
  { aud: ['other', 'nearput'], org: { id: 't2', name: 'Über 😀' }, nbf: 1_795_219_100 },
];
/** Near the cap: most of what a verifier spends on form it spends here. */
const LONG = { groups: Array.from({ length: 300 }, (_, index) => `group-${index}`) };

const forgerOf = ({ algorithm, kid }: TestIssuer): Forger => {
  const { privateKey, publicJwk } = createTestIssuer('forger', algorithm);
  return { algorithm, privateKey, publicJwk: { ...publicJwk, kid } };
};

/** Makes keys, entries and tokens anew. */
export const createGoodTokens = (): GoodTokens => {
  const issuers = KINDS.map(([id, algorithm]) => createTestIssuer(id, algorithm));
  const [first] = issuers;
  const short = issuers.flatMap((issuer) => CLAIMS.map((claims) => signToken(issuer, { claims })));
  const tokens = first === undefined ? short : [...short, signToken(first, { claims: LONG })];
  return {
    registry: createTestRegistry(issuers.map((issuer) => createTestEntry(issuer))),
    tokens,
    respelled: new Set(tokens.flatMap((token) => respellEcdsa(token) ?? [])),
    forgers: issuers.map(forgerOf),
    issuers,
  };
};
