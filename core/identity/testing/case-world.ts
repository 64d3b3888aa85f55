import type { Change, KeyKind } from '../../../test/support/hostile-tokens/types.ts';
import {
  createKeyPair,
  ISSUED_AGO,
  type Signer,
  writeEntry,
  writeToken,
} from '../../../test/support/hostile-tokens/write-token.ts';
import type { Registry } from '../registry.ts';
import { thumbprint } from '../thumbprint.ts';
import { createTestEntry, createTestIssuer, createTestRegistry, NOW, NOW_MS } from './issuers.ts';

const signers = new Map<KeyKind, Signer>();

/** The issuer `acme` with a key of this kind. */
const signerOf = (kind: KeyKind): Signer => {
  const known = signers.get(kind);
  if (known !== undefined) return known;
  const signer = { id: 'acme', own: createKeyPair(kind), other: createKeyPair(kind) };
  signers.set(kind, signer);
  return signer;
};

const globex = createTestIssuer('globex', 'EdDSA');

/** The token of a case of the catalogue, the registry it meets (with a second issuer, `globex`), and the time to judge it by. */
export const prepareCase = (change: Change): { token: string; registry: Registry; nowMs: number } => {
  const signer = signerOf(change.key ?? 'p256');
  const issuedAtMs = (NOW - ISSUED_AGO) * 1_000;
  const revocations = change.revoked?.(signer.id, thumbprint(signer.own.publicJwk), issuedAtMs);
  const entries = [writeEntry(signer, change), createTestEntry(globex)];
  return {
    token: writeToken(signer, change, NOW),
    registry: createTestRegistry(entries, revocations ? { revocations } : {}),
    nowMs: NOW_MS,
  };
};
