import { describe, expect, it } from 'vitest';
import type { IssuerEntry } from '../../../core/contract/issuer-entry.ts';
import { goodEntry, publicKey } from '../testing/entries.ts';
import { diffIssuers } from './diff-issuers.ts';
import { formatDifference } from './difference.ts';

const before = goodEntry('acme');
const limits = (change: Partial<IssuerEntry['limits']>) => ({ limits: { ...before.limits, ...change } });
const lines = (live: readonly unknown[], next: readonly IssuerEntry[]): readonly string[] =>
  diffIssuers(live, next).map(formatDifference);
const change = (to: Partial<IssuerEntry>, from: Partial<IssuerEntry> = {}): readonly string[] =>
  lines([{ ...before, ...from }], [{ ...before, ...to }]);

const [k1, k2] = [publicKey('ec', 'k1'), publicKey('ec', 'k2')];
const inline = (...keys: unknown[]): Partial<IssuerEntry> => ({ algorithms: ['ES256'], keys: { jwks: { keys } } });

describe('the difference between what is published and a folder', () => {
  it.each<[string, Partial<IssuerEntry>, Partial<IssuerEntry>, string]>([
    ['a Region more', limits({ regions: ['euw1', 'apse2'] }), {}, 'WIDENS   acme: may now write to ap-southeast-2'],
    [
      'a Region less',
      limits({ regions: ['euw1'] }),
      limits({ regions: ['euw1', 'use1'] }),
      'narrows  acme: may no longer write to us-east-1; what is there stays readable',
    ],
    ['older tokens', { maxTokenAgeSeconds: 86_400 }, {}, 'WIDENS   acme: tokens up to 24 h old instead of 1 h'],
    ['younger tokens', { maxTokenAgeSeconds: 90 }, {}, 'narrows  acme: tokens up to 90 s old instead of 1 h'],
    ['more skew', { clockSkewSeconds: 60 }, {}, 'WIDENS   acme: clocks may differ by 1 min instead of 10 s'],
    [
      'longer lives of keys',
      { keyLifeSeconds: 172_800 },
      {},
      "WIDENS   acme: keys outlive 2 days of its provider's trouble instead of 24 h",
    ],
    [
      'larger uploads',
      limits({ maxBytes: 10_737_418_240 }),
      {},
      'WIDENS   acme: uploads up to 10 GiB instead of 5 GiB',
    ],
    [
      'smaller uploads',
      limits({ maxBytes: 5_368_709_119 }),
      {},
      'narrows  acme: uploads up to 5.0 GiB (5368709119 bytes) instead of 5 GiB',
    ],
    ['a larger least', limits({ minBytes: 1 }), {}, 'narrows  acme: uploads from 1 B instead of 0 B'],
    ['a type more', limits({ types: ['image/*', 'text/html'] }), {}, 'WIDENS   acme: may now upload text/html'],
    ['longer URLs', limits({ urlTtlSeconds: 3_600 }), {}, 'WIDENS   acme: URLs live 1 h instead of 15 min'],
    ['being disabled', { status: 'disabled' }, {}, 'narrows  acme: is disabled: all its tokens are refused'],
    ['being active', {}, { status: 'disabled' }, 'WIDENS   acme: is active again'],
    [
      'an audience more',
      { audiences: ['nearput', 'old'] },
      {},
      'WIDENS   acme: tokens for the audience "old" are accepted',
    ],
    [
      'another audience claim',
      { audienceClaim: ['client_id'] },
      {},
      'WIDENS   acme: the audience is the claim client_id instead of aud',
    ],
    [
      'an algorithm more',
      { algorithms: ['RS256', 'PS256'] },
      {},
      'WIDENS   acme: tokens signed with PS256 are accepted',
    ],
    ['a type less', { tokenTypes: ['at+jwt'] }, {}, 'narrows  acme: tokens of the type JWT are no longer accepted'],
    [
      'another key set',
      { keys: { jwksUri: 'https://evil.example/jwks' } },
      {},
      'WIDENS   acme: keys come from https://evil.example/jwks instead of https://acme.example/.well-known/jwks.json: whoever holds it signs its tokens',
    ],
    ['a required claim more', { requiredClaims: { mfa: true } }, {}, 'narrows  acme: the claim mfa must now be true'],
    [
      'a required claim less',
      {},
      { requiredClaims: { mfa: true } },
      'WIDENS   acme: the claim mfa need no longer be true',
    ],
    [
      'another required value',
      { requiredClaims: { mfa: [true, 1] } },
      { requiredClaims: { mfa: true } },
      'WIDENS   acme: the claim mfa must be [true,1] instead of true',
    ],
    ['listed tenants', { tenants: ['t1', 't2'] }, {}, 'narrows  acme: only the tenants "t1" and "t2" may come in'],
    ['tenants no longer listed', {}, { tenants: ['t1'] }, 'WIDENS   acme: every tenant may come in'],
    ['a tenant more', { tenants: ['t1', 't2'] }, { tenants: ['t1'] }, 'WIDENS   acme: tenants may now come in: "t2"'],
    [
      'other permissions',
      { permissions: { claim: ['permissions'] } },
      {},
      'WIDENS   acme: permissions are the claim permissions instead of scope',
    ],
    ['a note', { note: 'x' }, {}, '         acme: its note changes'],
    [
      'an order',
      { tokenTypes: ['JWT', 'at+jwt'] },
      {},
      '         acme: tokenTypes is written differently and means the same',
    ],
  ])('says %s', (_, to, from, line) => {
    expect(change(to, from)).toEqual([line]);
  });

  it.each<[string, Partial<IssuerEntry>]>([
    ['issuer', { issuer: 'https://other.example/' }],
    ['subject claim', { claims: { subject: ['oid'], tenant: ['org_id'] } }],
    ['tenant claim', { claims: { subject: ['sub'], tenant: ['tid'] } }],
    ['tenant claim to none', { claims: { subject: ['sub'], tenant: null } }],
    ['ownership', { ownership: 'tenant' }],
  ])('calls a changed %s a re-keying of every owner', (_, to) => {
    expect(change(to)).toEqual([expect.stringMatching(/^RE-KEYS {2}acme: .*nobody reaches what is stored/)]);
  });

  it('calls a changed id a re-keying too, not a removal', () => {
    expect(lines([before], [{ ...before, id: 'acme2' }])).toEqual([
      'RE-KEYS  acme2: the id is acme2 instead of acme: objects lie under the id, so nobody reaches what is stored',
    ]);
  });

  it('tells keys apart by their thumbprint, not by their name', () => {
    expect(change(inline({ ...k1, kid: 'renamed' }), inline(k1))).toEqual([
      expect.stringMatching(/^narrows {2}acme: the key "k1" \(.{43}\) is now called "renamed"$/),
    ]);
    expect(change(inline({ ...k2, kid: 'k1' }), inline(k1))).toEqual([
      expect.stringMatching(/^WIDENS {3}acme: the key "k1" \(.{43}\) may sign its tokens$/),
      expect.stringMatching(/^narrows {2}acme: the key "k1" \(.{43}\) no longer signs its tokens$/),
    ]);
  });

  it('describes a new issuer and all it may do, as widening', () => {
    expect(lines([before], [before, goodEntry('globex')])).toEqual([
      'WIDENS   globex: is new: tokens of "https://globex.example/" for "nearput" are accepted',
      'WIDENS   globex: signed with RS256, keys from https://globex.example/.well-known/jwks.json, up to 1 h old',
      'WIDENS   globex: uploads belong to their subject (subject sub, tenant org_id)',
      'WIDENS   globex: may write to eu-west-1: 0 B to 5 GiB of image/*',
    ]);
    expect(lines([], [goodEntry('globex', { status: 'disabled' })])).toEqual([
      '         globex: is new and disabled: nobody comes in',
    ]);
  });

  it('says who is removed', () => {
    expect(lines([before], [])).toEqual([
      'narrows  acme: is removed: all its tokens are refused, and nobody reaches what it stored',
    ]);
  });

  it('says that an entry which could not be read now lets somebody in', () => {
    expect(lines([{ ...before, status: 'on' }], [before])[0]).toMatch(
      /^WIDENS {3}acme: what is published cannot be read/,
    );
  });

  it('is nothing for what means the same in every byte, whatever the order of members', () => {
    const shuffled = Object.fromEntries(Object.entries(before).reverse()) as IssuerEntry;
    expect(lines([shuffled], [before])).toEqual([]);
  });

  it('is never nothing when a member differs', () => {
    const changed: Required<IssuerEntry> = {
      id: 'other',
      issuer: 'https://other.example/',
      status: 'disabled',
      audiences: ['other'],
      audienceClaim: ['client_id'],
      algorithms: ['ES256'],
      tokenTypes: ['absent'],
      keys: { jwksUri: 'https://other.example/jwks' },
      claims: { subject: ['oid'], tenant: null },
      ownership: 'tenant',
      requiredClaims: { a: 1 },
      tenants: ['t'],
      permissions: { claim: ['roles'] },
      maxTokenAgeSeconds: 1,
      clockSkewSeconds: 1,
      keyLifeSeconds: 600,
      limits: { minBytes: 1, maxBytes: 2, types: ['a/b'], urlTtlSeconds: 60, regions: ['use1'] },
      note: 'n',
    };
    for (const [name, value] of Object.entries(changed)) {
      expect(lines([before], [{ ...before, [name]: value }]), name).not.toEqual([]);
    }
    for (const [name, value] of Object.entries(changed.limits)) {
      expect(change(limits({ [name]: value })), name).not.toEqual([]);
    }
  });
});
