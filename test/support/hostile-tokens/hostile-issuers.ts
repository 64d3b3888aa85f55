import { createHash } from 'node:crypto';
import { NO_REVOCATIONS, type Revocations } from '../../../core/contract/registry.ts';
import { CATALOGUE } from './catalogue.ts';
import type { Change, KeyKind, KeyPair, TokenCase } from './types.ts';
import { createKeyPair, ISSUED_AGO, type Signer, writeEntry, writeToken } from './write-token.ts';

/** A case with the issuer that its token is of. */
export type PreparedCase = TokenCase & {
  readonly family: string;
  readonly hostile: boolean;
  token(now: number): string;
};

/** RFC 7638, 3.2, of keys as the catalogue makes them. */
const thumbprintOf = ({ publicJwk }: KeyPair): string => {
  const members = ['crv', 'e', 'kty', 'n', 'x', 'y'].filter((name) => publicJwk[name] !== undefined);
  const required = Object.fromEntries(members.map((name) => [name, publicJwk[name]]));
  return createHash('sha256').update(JSON.stringify(required)).digest('base64url');
};

const merge = (all: readonly Partial<Revocations>[]): Revocations => ({
  disabled: all.flatMap(({ disabled }) => disabled ?? []),
  kids: all.flatMap(({ kids }) => kids ?? []),
  tokens: all.flatMap(({ tokens }) => tokens ?? []),
  subjects: all.flatMap(({ subjects }) => subjects ?? []),
  issuedBefore: all.flatMap(({ issuedBefore }) => issuedBefore ?? []),
});

/**
 * The whole catalogue for one registry: cases that need another entry, key set or revocation get an issuer of their own. `now` is seconds
 * since 1970; tokens of revoked issuers are as old as that.
 */
export const prepareCatalogue = (now: number) => {
  const pairs = new Map<KeyKind, KeyPair>();
  const pairOf = (kind: KeyKind): KeyPair => {
    const pair = pairs.get(kind) ?? createKeyPair(kind);
    pairs.set(kind, pair);
    return pair;
  };
  const base: Signer = { id: 'strict', own: pairOf('p256'), other: createKeyPair('p256') };
  const globex: Signer = { id: 'globex-example', own: pairOf('ed25519'), other: pairOf('ed25519') };
  const entries: unknown[] = [writeEntry(base, {}), { ...writeEntry(globex, {}), issuer: 'https://globex.example/' }];
  const revocations: Partial<Revocations>[] = [];

  const signerOf = (change: Change, index: number): Signer => {
    if (!('entry' in change || 'keys' in change || 'key' in change || 'revoked' in change)) return base;
    // A revoked key is revoked for every issuer, so it may not be shared.
    const kind = change.key ?? 'p256';
    const own = change.revoked === undefined ? pairOf(kind) : createKeyPair(kind);
    const signer = { id: `case-${index}`, own, other: base.other };
    entries.push(writeEntry(signer, change));
    const revoked = change.revoked?.(signer.id, thumbprintOf(own), (now - ISSUED_AGO) * 1_000);
    if (revoked !== undefined) revocations.push(revoked);
    return signer;
  };

  const cases: PreparedCase[] = [];
  for (const { family, twins, hostile } of CATALOGUE) {
    for (const one of [...twins, ...hostile]) {
      const signer = signerOf(one.change, cases.length);
      const fixed = one.change.revoked === undefined ? undefined : now;
      cases.push({
        ...one,
        family,
        hostile: hostile.includes(one),
        token: (time) => writeToken(signer, one.change, fixed ?? time),
      });
    }
  }
  return { cases, entries, revocations: revocations.length === 0 ? NO_REVOCATIONS : merge(revocations) };
};
