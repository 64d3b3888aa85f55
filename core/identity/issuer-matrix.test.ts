import { describe, expect, it } from 'vitest';
import { signRaw } from '../../test/support/sign-raw.ts';
import type { Algorithm } from '../contract/issuer-entry.ts';
import {
  createTestEntry,
  createTestIssuer,
  createTestRegistry,
  goodClaims,
  goodHeader,
  NOW_MS,
  type TestIssuer,
} from './testing/issuers.ts';
import { verifyToken } from './verify-token.ts';

const FIVE: readonly (readonly [string, Algorithm])[] = [
  ['local', 'RS256'],
  ['acme', 'PS256'],
  ['globex', 'ES256'],
  ['initech', 'ES384'],
  ['umbrella', 'EdDSA'],
];
const issuers = FIVE.map(([id, algorithm]) => createTestIssuer(id, algorithm));
const registry = createTestRegistry(issuers.map((issuer) => createTestEntry(issuer)));
/** Every entry allows every algorithm, so that only keys stand between the issuers. */
const openRegistry = createTestRegistry(
  issuers.map((issuer) => createTestEntry(issuer, { algorithms: FIVE.map(([, algorithm]) => algorithm) })),
);

/** A token that claims to be of one issuer, signed by another with its own key, kid and algorithm as given. */
const forge = (claimed: TestIssuer, signer: TestIssuer, kid: string): string =>
  signRaw(
    JSON.stringify({ ...goodHeader(signer), kid }),
    JSON.stringify(goodClaims(claimed)),
    signer.privateKey,
    signer.algorithm,
  );

const pairs = issuers.flatMap((claimed) => issuers.map((signer) => ({ claimed, signer })));

describe('five issuers with five kinds of key', () => {
  it.each(pairs)('a token of $claimed.id signed by $signer.id comes in only on the diagonal', async (pair) => {
    const { claimed, signer } = pair;
    for (const against of [registry, openRegistry]) {
      for (const kid of [claimed.kid, signer.kid]) {
        const verification = await verifyToken(forge(claimed, signer, kid), against, NOW_MS);
        if (claimed === signer) expect(verification).toMatchObject({ ok: true, principal: { issuerId: claimed.id } });
        else expect(verification).toMatchObject({ ok: false, code: 'token_untrusted', issuerId: claimed.id });
      }
    }
  });

  it('keep keys of one kid apart', async () => {
    const twin = (id: string) => ({ ...createTestIssuer(id, 'ES256'), kid: 'same' });
    const [first, second] = [twin('first'), twin('second')];
    const entries = [first, second].map((issuer) =>
      createTestEntry(issuer, { keys: { jwks: { keys: [{ ...issuer.publicJwk, kid: 'same' }] } } }),
    );
    const both = createTestRegistry(entries);
    expect(await verifyToken(forge(first, first, 'same'), both, NOW_MS)).toMatchObject({ ok: true });
    expect(await verifyToken(forge(first, second, 'same'), both, NOW_MS)).toMatchObject({
      ok: false,
      code: 'token_untrusted',
      reason: 'signature_bad',
    });
  });

  it('give one subject of one tenant five owner keys', async () => {
    const keys = await Promise.all(
      issuers.map(async (issuer) => {
        const verification = await verifyToken(forge(issuer, issuer, issuer.kid), registry, NOW_MS);
        return verification.ok ? verification.principal.ownerKey : 'refused';
      }),
    );
    expect(new Set(keys).size).toBe(5);
    for (const key of keys) expect(key).toMatch(/^[a-z2-7]{32}$/);
  });
});
