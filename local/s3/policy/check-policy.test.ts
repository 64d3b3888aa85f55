import { describe, expect, test } from 'vitest';
import { checkPolicy } from './check-policy.ts';
import type { PolicyCondition, PostPolicy } from './parse-policy.ts';

const NOW = 1_900_000_000_000;
const BUCKET: PolicyCondition = { kind: 'eq', field: 'bucket', value: 'b' };
const eq = (field: string, value: string): PolicyCondition => ({ kind: 'eq', field, value });
const starts = (field: string, value: string): PolicyCondition => ({ kind: 'starts-with', field, value });
const policy = (...conditions: PolicyCondition[]): PostPolicy => ({
  expiresAt: NOW,
  conditions: [BUCKET, ...conditions],
});
const check = (one: PostPolicy, fields: Readonly<Record<string, string>>, now = NOW, bucket = 'b') =>
  checkPolicy(one, { bucket, fields: new Map(Object.entries(fields)), now });
const denied = (why: string) =>
  expect.objectContaining({ code: 'AccessDenied', message: `Invalid according to Policy: ${why}` });

describe('a policy', () => {
  test('allows what meets its conditions, up to the moment it expires', () => {
    const fields = { key: 'u/k', 'content-type': 'image/png', policy: 'p', 'x-amz-signature': 's', 'x-ignore-a': '1' };
    const one = policy(eq('key', 'u/k'), starts('content-type', 'image/'));
    expect(check(one, fields)).toEqual({ min: 0, max: Number.POSITIVE_INFINITY });
    expect(() => check(one, fields, NOW + 1)).toThrow(denied('Policy expired.'));
  });

  test('wants each field to be exact, or to begin as it says', () => {
    const failed = (condition: string) => denied(`Policy Condition failed: ${condition}`);
    expect(() => check(policy(eq('key', 'u/k')), { key: 'u/K' })).toThrow(failed('["eq","$key","u/k"]'));
    expect(() => check(policy(starts('key', 'u/')), { key: 'v/u/' })).toThrow(failed('["starts-with","$key","u/"]'));
    expect(() => check(policy(eq('acl', '')), {})).toThrow(failed('["eq","$acl",""]'));
    expect(() => check(policy(), {}, NOW, 'other')).toThrow(failed('["eq","$bucket","b"]'));
  });

  test('wants every type of a list to begin as it says, and takes a list in another field as one text', () => {
    const one = policy(starts('content-type', 'image/'));
    expect(() => check(one, { 'content-type': 'image/a,image/b , image/c' })).not.toThrow();
    expect(() => check(one, { 'content-type': 'image/a,text/b' })).toThrow();
    expect(() => check(policy(starts('x-amz-meta-a', 'a')), { 'x-amz-meta-a': 'a,b' })).not.toThrow();
  });

  test('wants every condition of a field to be met', () => {
    expect(() => check(policy(starts('key', 'u/'), eq('key', 'u/k')), { key: 'u/other' })).toThrow();
  });

  test('names the fields it does not cover, the bucket among them', () => {
    const fields = { key: 'k', 'x-amz-meta-a': '1', submit: 'ok' };
    expect(() => check(policy(eq('key', 'k')), fields)).toThrow(denied('Extra input fields: x-amz-meta-a, submit'));
    const bare = { expiresAt: NOW, conditions: [] };
    expect(() => check(bare, {})).toThrow(denied('Extra input fields: bucket'));
  });

  test('gives the range that all its conditions leave', () => {
    const range = (min: number, max: number): PolicyCondition => ({ kind: 'content-length-range', min, max });
    expect(check(policy(range(1, 10), range(5, 20)), {})).toEqual({ min: 5, max: 10 });
  });
});
