import { describe, expect, it } from 'vitest';
import { canonicalHeaders, canonicalQuery, canonicalRequest, encodeKey, uriEncode } from './canonical-request.ts';

const EMPTY_SHA256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

describe('uriEncode', () => {
  it.each([
    ['AZaz09-._~', 'AZaz09-._~'],
    ['a b', 'a%20b'],
    ['a+b', 'a%2Bb'],
    ['a/b=c', 'a%2Fb%3Dc'],
    ["!'()*", '%21%27%28%29%2A'],
    ['é', '%C3%A9'],
    ['日', '%E6%97%A5'],
    ['😀', '%F0%9F%98%80'],
    ['\u0000\u007f', '%00%7F'],
    ['', ''],
  ])('writes %j as %j', (text, encoded) => {
    expect(uriEncode(text)).toBe(encoded);
  });

  it('refuses half a surrogate pair', () => {
    expect(() => uriEncode('a\ud800')).toThrow(TypeError);
  });
});

describe('encodeKey', () => {
  it('keeps slashes and encodes what is between them once', () => {
    expect(encodeKey('a b/ä//%20/c.txt')).toBe('a%20b/%C3%A4//%2520/c.txt');
  });

  it.each(['.', '..', 'a/../b', 'a/./b', 'a/..'])(
    'refuses the dot segment in %j, which URL parsers would remove',
    (key) => {
      expect(() => encodeKey(key)).toThrow(TypeError);
    },
  );

  it.each(['...', 'a..', '.a', 'a/.b'])('takes %j, which only looks like one', (key) => {
    expect(encodeKey(key)).toBe(key);
  });
});

describe('canonicalQuery', () => {
  it('sorts by encoded name in ASCII order and writes absent values as empty', () => {
    expect(
      canonicalQuery(
        new URLSearchParams([
          ['prefix', 'J'],
          ['max-keys', '2'],
          ['X', ''],
          ['ä b', 'c&d=e'],
        ]),
      ),
    ).toBe('%C3%A4%20b=c%26d%3De&X=&max-keys=2&prefix=J');
  });

  it('sorts by name before value, and by encoded text', () => {
    expect(
      canonicalQuery([
        ['a', 'z'],
        ['a', 'b'],
        ['a!', ''],
        ['__proto__', 'p'],
      ]),
    ).toBe('__proto__=p&a=b&a=z&a%21=');
  });

  it('is empty for no parameters', () => {
    expect(canonicalQuery([])).toBe('');
  });
});

describe('canonicalHeaders', () => {
  it('sorts by name, trims values and folds runs of blanks', () => {
    expect(canonicalHeaders({ 'x-amz-b': '  two \t words ', host: 'h:1', 'content-type': 'a/b' })).toEqual({
      canonical: 'content-type:a/b\nhost:h:1\nx-amz-b:two words\n',
      signed: 'content-type;host;x-amz-b',
    });
  });

  it.each([
    ['an upper-case name', { 'X-Amz-B': 'v' }],
    ['a name with a blank', { 'x b': 'v' }],
    ['a name with a separator of the list', { 'a;b': 'v' }],
    ['an empty name', { '': 'v' }],
    ['a line feed in a value', { a: 'v\nhost:evil' }],
    ['a carriage return in a value', { a: 'v\r' }],
    ['a letter outside ASCII in a value', { a: 'é' }],
    ['a NUL in a value', { a: '\u0000' }],
  ])('refuses %s', (_, headers) => {
    expect(() => canonicalHeaders(headers as unknown as Record<string, string>)).toThrow(TypeError);
  });
});

describe('canonicalRequest', () => {
  // Amazon S3 API Reference, "Signature Calculations for the Authorization Header", example GET Object.
  it('is the published one for the published GET', () => {
    expect(
      canonicalRequest({
        method: 'GET',
        path: '/test.txt',
        query: '',
        headers: canonicalHeaders({
          host: 'examplebucket.s3.amazonaws.com',
          range: 'bytes=0-9',
          'x-amz-content-sha256': EMPTY_SHA256,
          'x-amz-date': '20130524T000000Z',
        }),
        payloadHash: EMPTY_SHA256,
      }),
    ).toBe(
      [
        'GET',
        '/test.txt',
        '',
        'host:examplebucket.s3.amazonaws.com',
        'range:bytes=0-9',
        'x-amz-content-sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
        'x-amz-date:20130524T000000Z',
        '',
        'host;range;x-amz-content-sha256;x-amz-date',
        'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
      ].join('\n'),
    );
  });
});
