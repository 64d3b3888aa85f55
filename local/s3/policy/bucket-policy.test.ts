import { describe, expect, it } from 'vitest';
import { S3Error } from '../errors.ts';
import { isDenied, type Judged, parseBucketPolicy } from './bucket-policy.ts';

const DENY = {
  Sid: 'CutGrants',
  Effect: 'Deny',
  Principal: '*',
  Action: 's3:*',
  Resource: 'arn:aws:s3:::uploads/u/acme/*',
  Condition: { StringEquals: { 's3:authType': ['REST-QUERY-STRING', 'POST'] } },
};
const policyOf = (...Statement: object[]): string => JSON.stringify({ Version: '2012-10-17', Statement });
const judged: Judged = { action: 's3:PutObject', resource: 'arn:aws:s3:::uploads/u/acme/o/id', via: 'query' };
const codeOf = (policy: string): string => {
  try {
    parseBucketPolicy(policy);
  } catch (error) {
    if (error instanceof S3Error) return error.code;
    throw error;
  }
  return 'taken';
};

describe('a bucket policy', () => {
  it.each<[string, boolean, Partial<Judged>]>([
    ['a presigned request', true, {}],
    ['a form', true, { via: 'form' }],
    ['a request that signs its headers', false, { via: 'header' }],
    ['another issuer’s object', false, { resource: 'arn:aws:s3:::uploads/u/globex/o/id' }],
    ['an issuer whose name only begins alike', false, { resource: 'arn:aws:s3:::uploads/u/acme2/o/id' }],
  ])('that cuts an issuer’s grants judges %s: denied %s', (_, denied, changes) => {
    expect(isDenied(policyOf(DENY), { ...judged, ...changes })).toBe(denied);
  });

  it('counts action by action, in any case, and for every way of signing without a condition', () => {
    const { Condition: _, ...always } = DENY;
    const policy = policyOf({ ...always, Action: ['S3:getobject', 's3:Delete*'] });
    const denied = (action: string): boolean => isDenied(policy, { ...judged, action, via: 'header' });
    expect(['s3:GetObject', 's3:DeleteObject', 's3:PutObject', 's3:GetObjectVersion'].map(denied)).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });

  it('denies nothing where there is none', () => {
    expect(isDenied(undefined, judged)).toBe(false);
  });

  it.each([
    ['no JSON', '{', 'MalformedPolicy'],
    ['no statements', policyOf(), 'MalformedPolicy'],
    ['a Sid with a dash', policyOf({ ...DENY, Sid: 'cut-grants' }), 'MalformedPolicy'],
    [
      'a member nobody knows',
      JSON.stringify({ Version: '2012-10-17', Statement: [DENY], Colour: 1 }),
      'MalformedPolicy',
    ],
    ['no resource', policyOf({ ...DENY, Resource: undefined }), 'MalformedPolicy'],
    ['an allowance', policyOf({ ...DENY, Effect: 'Allow' }), 'NotImplemented'],
    ['another principal', policyOf({ ...DENY, Principal: { AWS: '123456789012' } }), 'NotImplemented'],
    [
      'another condition',
      policyOf({ ...DENY, Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
      'NotImplemented',
    ],
    ['an element that is not enforced', policyOf({ ...DENY, NotPrincipal: '*' }), 'NotImplemented'],
  ])('with %s is not taken', (_, policy, code) => {
    expect(codeOf(policy)).toBe(code);
    expect(codeOf(policyOf(DENY))).toBe('taken');
  });
});
