import { describe, expect, it } from 'vitest';
import { Problem } from '../contract/problems.ts';
import { allowedRegions, checkGrant, checkPermission, matchesType } from './policy.ts';

const limits = {
  minBytes: 1,
  maxBytes: 100,
  types: ['image/*', 'application/pdf'],
  urlTtlSeconds: 900,
  regions: ['use1', 'euw1'],
};

const codeOf = (run: () => void): string => {
  try {
    run();
    return 'allowed';
  } catch (error) {
    return error instanceof Problem ? error.code : 'not a problem';
  }
};

describe('permission', () => {
  const principal = { permissions: new Set(['uploads:read'] as const) };
  it('is exactly what the token grants', () => {
    expect(codeOf(() => checkPermission(principal, 'uploads:read'))).toBe('allowed');
    for (const other of ['uploads:create', 'uploads:delete', 'documents:create'] as const) {
      expect(codeOf(() => checkPermission(principal, other))).toBe('permission_missing');
    }
  });
});

describe('limits', () => {
  it.each([
    [0, 'size_not_allowed'],
    [1, 'allowed'],
    [100, 'allowed'],
    [101, 'size_not_allowed'],
    [Number.NaN, 'size_not_allowed'],
  ])('on %d bytes: %s', (size, code) => {
    expect(codeOf(() => checkGrant({ limits }, { size, type: 'image/png' }))).toBe(code);
  });

  it.each([
    ['image/png', 'allowed'],
    ['image/png; q=1', 'allowed'],
    ['image/png;q=1', 'allowed'],
    ['application/pdf', 'allowed'],
    ['application/pdfx', 'type_not_allowed'],
    ['image/svg+xml', 'type_not_allowed'],
    ['image/svg+xml; charset=utf-8', 'type_not_allowed'],
    ['imagex/png', 'type_not_allowed'],
    ['text/html', 'type_not_allowed'],
    ['text/html; a=image/png', 'type_not_allowed'],
  ])('on the type %s: %s', (type, code) => {
    expect(codeOf(() => checkGrant({ limits }, { size: 1, type }))).toBe(code);
  });

  it.each([
    ['*/*', 'text/html', true],
    ['*/*', 'application/xhtml+xml', false],
    ['image/*', 'image/svg+xml', false],
    ['image/svg+xml', 'image/svg+xml', true],
    ['image/svg+xml', 'image/svg+xml; charset=utf-8', true],
    ['text/plain', 'text/plain2', false],
    ['text/plain', 'text/*', false],
  ])('%s takes %s: %s', (pattern, type, taken) => {
    expect(matchesType(pattern, type)).toBe(taken);
  });

  it('say what would be allowed', () => {
    expect(() => checkGrant({ limits }, { size: 101, type: 'image/png' })).toThrow('between 1 and 100 bytes');
    expect(() => checkGrant({ limits }, { size: 1, type: 'text/html' })).toThrow('image/*, application/pdf');
  });
});

it('allowed Regions are the deployed ones the issuer names, in the order of the deployment', () => {
  expect(allowedRegions({ limits }, ['apse2', 'euw1', 'use1'])).toEqual(['euw1', 'use1']);
  expect(allowedRegions({ limits }, ['apse2'])).toEqual([]);
});
