import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { budgetRuns } from '../../test/support/budget.ts';
import { formatId } from '../contract/ids.ts';
import { checkGrantText } from '../contract/schemas.ts';
import { utf8Length } from '../contract/text.ts';
import { decodeGrantMetadata, encodeGrantMetadata, type GrantMetadata } from './grant-metadata.ts';

const idIn = (region: string) =>
  formatId({
    kind: 'put',
    checksumMode: 'none',
    partSize: 0,
    size: 4,
    region,
    ownerKey: 'a'.repeat(32),
    nonce: new Uint8Array(16),
    grantDigest: new Uint8Array(10),
  });

const GRANT: GrantMetadata = {
  id: idIn('euw1'),
  name: 'übersicht 😀.txt',
  size: 4,
  type: 'text/plain; charset=utf-8',
  sha256: null,
  metadata: { b: '2', a: '1' },
  createdAt: '2026-11-21T02:03:04.005Z',
};

const JSON_TEXT = `{"v":1,"id":"${GRANT.id}","name":"übersicht 😀.txt","size":4,"type":"text/plain; charset=utf-8","sha256":null,"metadata":{"b":"2","a":"1"},"createdAt":"2026-11-21T02:03:04.005Z"}`;

const base64url = (text: string): string => Buffer.from(text, 'utf8').toString('base64url');
const changed = (from: string, to: string): string => {
  expect(JSON_TEXT).toContain(from);
  return base64url(JSON_TEXT.replace(from, to));
};

describe('encodeGrantMetadata', () => {
  it('writes base64url of the JSON, members in one order', () => {
    expect(encodeGrantMetadata(GRANT)).toBe(base64url(JSON_TEXT));
  });

  it('fits the longest grant that create takes into 1,950 bytes', () => {
    const longest: GrantMetadata = {
      id: idIn('a'.repeat(16)),
      name: 'n'.repeat(255),
      size: 5_368_709_120,
      type: `t/${'y'.repeat(125)}`,
      sha256: 'f'.repeat(64),
      metadata: {
        m: 'v'.repeat(1_200 - utf8Length(JSON.stringify(['n'.repeat(255), `t/${'y'.repeat(125)}`, { m: '' }]))),
      },
      createdAt: '2026-11-21T02:03:04.005Z',
    };
    expect(() => checkGrantText(longest)).not.toThrow();
    expect(decodeGrantMetadata(encodeGrantMetadata(longest))).toEqual(longest);
  });

  it('refuses a longer one', () => {
    expect(() => encodeGrantMetadata({ ...GRANT, metadata: { m: 'v'.repeat(1_300) } })).toThrow(RangeError);
  });

  it('refuses a grant it could not read back', () => {
    expect(() => encodeGrantMetadata({ ...GRANT, name: '\ud800' })).toThrow(TypeError);
  });
});

describe('decodeGrantMetadata', () => {
  it('reads what encodeGrantMetadata wrote', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }),
        fc.dictionary(fc.string({ unit: 'binary', maxLength: 8 }), fc.string({ unit: 'binary', maxLength: 20 }), {
          maxKeys: 5,
        }),
        fc.integer({ min: 0, max: 53_687_091_200_000 }),
        fc.date({ min: new Date(0), max: new Date('2099-12-31T00:00:00Z'), noInvalidDate: true }),
        (name, metadata, size, date) => {
          const grant = { ...GRANT, name, metadata: { ...metadata }, size, createdAt: date.toISOString() };
          expect(decodeGrantMetadata(encodeGrantMetadata(grant))).toEqual(grant);
        },
      ),
      { numRuns: budgetRuns(1_000) },
    );
  });

  it('keeps members named like parts of an object', () => {
    const metadata: Record<string, string> = JSON.parse('{"__proto__":"p","constructor":"c","1":"one"}');
    const read = decodeGrantMetadata(encodeGrantMetadata({ ...GRANT, metadata }));
    expect(Object.entries(read?.metadata ?? {})).toEqual([
      ['1', 'one'],
      ['__proto__', 'p'],
      ['constructor', 'c'],
    ]);
  });

  it.each<[string, () => unknown]>([
    ['a value that is no string', () => 7],
    ['nothing', () => undefined],
    ['an empty value', () => ''],
    ['text that is no JSON', () => base64url('{')],
    ['JSON that is no object', () => base64url('null')],
    ['an array', () => base64url('[]')],
    ['padding', () => `${encodeGrantMetadata(GRANT)}=`],
    ['a blank', () => ` ${encodeGrantMetadata(GRANT)}`],
    ['another version', () => changed('"v":1', '"v":2')],
    ['an id that is none', () => changed('"id":"euw1_', '"id":"euw1-')],
    ['an empty name', () => changed('"name":"übersicht 😀.txt"', '"name":""')],
    ['half a surrogate pair in the name', () => changed('😀', '\\ud83d')],
    ['a name of 256 code points', () => changed('übersicht 😀.txt', '😀'.repeat(256))],
    ['a size as text', () => changed('"size":4', '"size":"4"')],
    ['a negative size', () => changed('"size":4', '"size":-4')],
    ['half a byte', () => changed('"size":4', '"size":4.5')],
    ['a size above the largest object', () => changed('"size":4', '"size":53687091200001')],
    ['an empty type', () => changed('text/plain; charset=utf-8', '')],
    ['a type with a control', () => changed('text/plain; charset=utf-8', 'text/\\u0000')],
    ['a checksum in upper case', () => changed('"sha256":null', `"sha256":"${'A'.repeat(64)}"`)],
    ['a missing checksum', () => changed('"sha256":null,', '')],
    ['metadata with a number', () => changed('"a":"1"', '"a":1')],
    ['metadata as an array', () => changed('{"b":"2","a":"1"}', '["b"]')],
    ['a time without milliseconds', () => changed('04.005Z', '04Z')],
    ['a time that is none', () => changed('2026-11-21', '2026-13-21')],
    ['an unknown member', () => changed('"v":1,', '"v":1,"w":1,')],
    ['a repeated member', () => changed('"size":4', '"size":5,"size":4')],
    ['another order of members', () => base64url(JSON_TEXT.replace('{"v":1,', '{').replace(/}$/, ',"v":1}'))],
    ['white space between members', () => changed('"v":1,', '"v":1, ')],
  ])('refuses %s', (_, value) => {
    expect(decodeGrantMetadata(value())).toBeUndefined();
  });

  it('refuses the other base64 alphabet', () => {
    const value = encodeGrantMetadata({ ...GRANT, name: '\uffff'.repeat(6) });
    expect(value).toMatch(/[-_]/);
    expect(decodeGrantMetadata(value.replaceAll('-', '+').replaceAll('_', '/'))).toBeUndefined();
  });

  it('refuses a valid grant that is longer than a header may be', () => {
    expect(decodeGrantMetadata(changed('"a":"1"', `"a":"${'1'.repeat(1_400)}"`))).toBeUndefined();
  });
});
