import { describe, expect, it } from 'vitest';
import { type Credential, createCredentialStore, isAllowed, matchesPattern } from './credentials.ts';

const credential = (accessKeyId: string): Credential => ({
  accessKeyId,
  secretAccessKey: 's',
  sessionToken: null,
  role: 'r',
  statements: [],
  expiresAt: null,
});

describe('patterns', () => {
  it.each([
    ['arn:aws:s3:::bucket/u/*', 'arn:aws:s3:::bucket/u/local/x', true],
    ['arn:aws:s3:::bucket/u/*', 'arn:aws:s3:::bucket/u/', true],
    ['arn:aws:s3:::bucket/u/*', 'arn:aws:s3:::bucket/v/u/x', false],
    ['arn:aws:s3:::bucket', 'arn:aws:s3:::bucket', true],
    ['arn:aws:s3:::bucket', 'arn:aws:s3:::bucket2', false],
    ['*', '', true],
    ['a*b*c', 'a-b-c', true],
    ['a*b*c', 'abc', true],
    ['a*b*c', 'acb', false],
    ['a*bc', 'abcbc', true],
    ['ab*ba', 'aba', false],
    ['a.c', 'abc', false],
  ])('%s on %s is %s', (pattern, value, expected) => {
    expect(matchesPattern(pattern, value)).toBe(expected);
  });
});

describe('statements', () => {
  const statements = [
    { actions: ['s3:GetObject'], resources: ['arn:a/*'] },
    { actions: ['s3:PutObject'], resources: ['arn:b/*'] },
  ];

  it('allow an action only on the resources of the same statement', () => {
    expect(isAllowed(statements, 's3:GetObject', 'arn:a/x')).toBe(true);
    expect(isAllowed(statements, 's3:PutObject', 'arn:a/x')).toBe(false);
    expect(isAllowed([], 's3:GetObject', 'arn:a/x')).toBe(false);
  });

  it('name actions without regard to case, resources with it', () => {
    expect(isAllowed(statements, 'S3:getobject', 'arn:a/x')).toBe(true);
    expect(isAllowed(statements, 's3:GetObject', 'arn:A/x')).toBe(false);
  });
});

it('a store finds by access key id and takes none twice', () => {
  const store = createCredentialStore([credential('A'), credential('B')]);
  expect(store.find('B')?.accessKeyId).toBe('B');
  expect(store.find('C')).toBeUndefined();
  expect(() => createCredentialStore([credential('A'), credential('A')])).toThrow('two credentials share A');
});
