import { describe, expect, it } from 'vitest';
import { PROBLEMS, type ProblemCode } from '../contract/problems.ts';
import { readAuthorization } from './authorization-header.ts';
import { tokenProblem } from './refusal.ts';

const CODES = Object.entries(PROBLEMS)
  .filter(([, { status }]) => status === 401)
  .map(([code]) => code as ProblemCode);
const headersOf = (code: ProblemCode) => tokenProblem({ code, reason: 'any' }).headers;

describe('the answer to a refused token', () => {
  it('names Bearer alone when no token came', () => {
    expect(headersOf('token_missing')).toEqual({ 'www-authenticate': 'Bearer', 'retry-after': '30' });
  });

  it('names one error and a fixed text for each code (RFC 6750, 3)', () => {
    expect(headersOf('token_expired')).toEqual({
      'www-authenticate':
        'Bearer error="invalid_token", error_description="Get a fresh token from your issuer and send it."',
    });
    for (const code of CODES.filter((name) => name !== 'token_missing')) {
      expect(headersOf(code)['www-authenticate']).toMatch(
        /^Bearer error="invalid_token", error_description="[\x20\x21\x23-\x5b\x5d-\x7e]+"$/,
      );
    }
  });

  it('tells of a token that is too old both cures, because it may be old or may be made to live too long', () => {
    const { detail } = tokenProblem({ code: 'token_too_old', reason: 'any' });
    expect(detail).toMatch(/fresh token.*shorter life.*older.*lives longer/);
  });

  it('has one Retry-After for everything that ends before the signature, and none after it', () => {
    for (const code of CODES) {
      const early = ['token_missing', 'token_malformed', 'token_untrusted'].includes(code);
      expect(headersOf(code)['retry-after']).toBe(early ? '30' : undefined);
    }
  });

  it('is the same whatever the exact class, which only the log learns', () => {
    const [first, second] = ['issuer_unknown', 'kid_unknown'].map((reason) =>
      tokenProblem({ code: 'token_untrusted', reason }),
    );
    expect([first?.code, first?.detail, first?.headers]).toEqual([second?.code, second?.detail, second?.headers]);
    expect([first?.reason, second?.reason]).toEqual(['issuer_unknown', 'kid_unknown']);
    expect(JSON.stringify([first?.detail, first?.headers])).not.toContain('issuer_unknown');
  });
});

describe('the Authorization header', () => {
  it.each([
    ['Bearer abc.def.ghi', 'abc.def.ghi'],
    ['bearer abc', 'abc'],
    ['BEARER   abc==', 'abc=='],
  ])('%s carries %s', (value, token) => {
    expect(readAuthorization([value])).toEqual({ ok: true, token });
  });

  it.each([
    [[], 'token_missing'],
    [[''], 'token_missing'],
    [['Bearer a', 'Bearer a'], 'token_malformed'],
    [['Bearer a', ''], 'token_malformed'],
    [['Bearer'], 'token_malformed'],
    [['Bearer '], 'token_malformed'],
    [['Basic dXNlcjpwYXNz'], 'token_malformed'],
    [['abc.def.ghi'], 'token_malformed'],
    [['Bearerabc'], 'token_malformed'],
    [['Bearer\tabc'], 'token_malformed'],
    [['Bearer a, Bearer b'], 'token_malformed'],
    [['Bearer a b'], 'token_malformed'],
    [[' Bearer a'], 'token_malformed'],
    [['Bearer a\n'], 'token_malformed'],
    [['Bearer ä'], 'token_malformed'],
    [[`Bearer ${'a'.repeat(9_000)}`], 'token_malformed'],
  ])('%j is %s', (values, code) => {
    expect(readAuthorization(values)).toMatchObject({ ok: false, code });
  });
});
