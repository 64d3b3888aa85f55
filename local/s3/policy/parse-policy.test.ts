import { describe, expect, test } from 'vitest';
import { parsePolicy } from './parse-policy.ts';

const encode = (text: string): string => Buffer.from(text).toString('base64');
const EXPIRATION = '2030-01-02T03:04:05.678Z';
const withConditions = (conditions: string): string =>
  encode(`{"expiration":"${EXPIRATION}","conditions":${conditions}}`);

describe('a policy', () => {
  test('is read with conditions of every kind', () => {
    const conditions = `[{"bucket":"b"},["eq","$Key","u/k"],["starts-with","$Content-Type",""],["content-length-range",1,"20"]]`;
    expect(parsePolicy(withConditions(conditions))).toEqual({
      expiresAt: Date.parse(EXPIRATION),
      conditions: [
        { kind: 'eq', field: 'bucket', value: 'b' },
        { kind: 'eq', field: 'key', value: 'u/k' },
        { kind: 'starts-with', field: 'content-type', value: '' },
        { kind: 'content-length-range', min: 1, max: 20 },
      ],
    });
  });

  test('may be encoded without padding, and use the escapes of S3', () => {
    const text = withConditions('[["eq","$x-amz-meta-a","\\\\$5 \\\\v\\\\u00e4"]]'.replaceAll('\\\\', '\\')).replace(
      /=+$/,
      '',
    );
    expect(parsePolicy(text).conditions).toEqual([{ kind: 'eq', field: 'x-amz-meta-a', value: '$5 \u000bä' }]);
  });

  test.each([
    ['nothing', ''],
    ['no Base64', '{"expiration":'],
    ['no JSON', encode('{"expiration":')],
    ['a list', encode('[]')],
    ['no expiration', encode('{"conditions":[]}')],
    ['no conditions', encode(`{"expiration":"${EXPIRATION}"}`)],
    ['a member more', encode(`{"expiration":"${EXPIRATION}","conditions":[],"version":1}`)],
    ['a local time', encode('{"expiration":"2030-01-02T03:04:05","conditions":[]}')],
    ['a day that is none', encode('{"expiration":"2030-02-30T25:00:00Z","conditions":[]}')],
    ['conditions that are no list', withConditions('{}')],
    ['a condition that is a word', withConditions('["eq"]')],
    ['a condition that is empty', withConditions('[[]]')],
    ['an unknown condition', withConditions('[["ends-with","$key","x"]]')],
    ['a condition too short', withConditions('[["eq","$key"]]')],
    ['a condition too long', withConditions('[["eq","$key","a","b"]]')],
    ['a field without its dollar sign', withConditions('[["eq","key","a"]]')],
    ['a field without a name', withConditions('[["eq","$","a"]]')],
    ['a value that is a list', withConditions('[["eq","$key",["a"]]]')],
    ['a simple condition of two', withConditions('[{"key":"a","bucket":"b"}]')],
    ['a simple condition of none', withConditions('[{}]')],
    ['a simple condition that is a number', withConditions('[{"key":1}]')],
    ['a range below zero', withConditions('[["content-length-range",-1,2]]')],
    ['a range with half a byte', withConditions('[["content-length-range",0,1.5]]')],
    ['a range of truth', withConditions('[["content-length-range",true,2]]')],
  ])('with %s is InvalidPolicyDocument', (_, text) => {
    expect(() => parsePolicy(text)).toThrow(expect.objectContaining({ code: 'InvalidPolicyDocument', status: 400 }));
  });
});
