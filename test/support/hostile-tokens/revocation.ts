import type { Revocations } from '../../../core/contract/registry.ts';
import { type Change, refusedWith, type TokenFamily } from './types.ts';

const revoked = refusedWith('token_revoked');

const AT = '2026-11-20T00:00:00.000Z';
const because = (issuer: string) => ({ issuer, at: AT, reason: 'test' });
const GLOBEX = because('globex');
const isoTime = (ms: number): string => new Date(ms).toISOString();

/** A revocation of the issuer of the token. */
const revoke = (revoked: NonNullable<Change['revoked']>): Change => ({ revoked });
const ofGlobex = (revocations: Partial<Revocations>): Change => ({ revoked: () => revocations });

/** What is cut off, and what is not. */
export const REVOCATION: TokenFamily = {
  family: 'revocation',
  twins: [
    { name: 'another issuer disabled', change: ofGlobex({ disabled: [GLOBEX] }) },
    { name: 'another key revoked', change: ofGlobex({ kids: [{ ...GLOBEX, thumbprint: 'A'.repeat(43) }] }) },
    { name: 'the jti of another issuer', change: ofGlobex({ tokens: [{ ...GLOBEX, jti: 'token-1' }] }) },
    { name: 'the subject of another issuer', change: ofGlobex({ subjects: [{ ...GLOBEX, subject: 'user' }] }) },
    {
      name: 'everything before it was issued',
      change: revoke((issuer, _, issuedAtMs) => ({
        issuedBefore: [{ ...because(issuer), before: isoTime(issuedAtMs) }],
      })),
    },
  ],
  hostile: [
    revoked('the entry disabled', 'issuer_disabled', { entry: { status: 'disabled' } }),
    revoked(
      'the issuer disabled by revocation',
      'issuer_disabled',
      revoke((issuer) => ({ disabled: [because(issuer)] })),
    ),
    revoked(
      'the key revoked by its thumbprint',
      'key_revoked',
      revoke((issuer, thumbprint) => ({ kids: [{ ...because(issuer), thumbprint }] })),
    ),
    revoked(
      'the key revoked under another issuer',
      'key_revoked',
      revoke((_, thumbprint) => ({ kids: [{ ...GLOBEX, thumbprint }] })),
    ),
    revoked('the key revoked and renamed', 'key_revoked', {
      ...revoke((issuer, thumbprint) => ({ kids: [{ ...because(issuer), thumbprint }] })),
      header: { kid: 'renamed' },
      keys: (own) => [{ ...own, kid: 'renamed' }],
    }),
    revoked(
      'the token revoked',
      'jti_revoked',
      revoke((issuer) => ({ tokens: [{ ...because(issuer), jti: 'token-1' }] })),
    ),
    revoked(
      'the subject revoked',
      'subject_revoked',
      revoke((issuer) => ({ subjects: [{ ...because(issuer), subject: 'user' }] })),
    ),
    revoked(
      'issued a millisecond too early',
      'issued_before',
      revoke((issuer, _, issuedAtMs) => ({
        issuedBefore: [{ ...because(issuer), before: isoTime(issuedAtMs + 1) }],
      })),
    ),
    revoked(
      'issued before the later of two moments',
      'issued_before',
      revoke((issuer, _, issuedAtMs) => ({
        issuedBefore: [
          { ...because(issuer), before: isoTime(issuedAtMs + 1) },
          { ...because(issuer), before: '2020-01-01T00:00:00.000Z' },
        ],
      })),
    ),
  ],
};
