import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deriveNonce, type Grant, grantDigest } from './grant.ts';
import { formatId, isOwnedBy, parseId } from './ids.ts';

const MIB = 1_048_576;
const OWNER = 'a'.repeat(32);
const CHARACTERS = 'abcdefghijklmnopqrstuvwxyz0123456789_-AZ=é';

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const regionCode = fc.stringMatching(/^[a-z][a-z0-9]{1,15}$/);
const plan = fc.oneof(
  fc.record({
    kind: fc.constantFrom('put', 'form', 'document'),
    checksumMode: fc.constant('none'),
    partSize: fc.constant(0),
    size: fc.integer({ min: 0, max: 5 * 1024 * MIB }),
  }),
  fc.integer({ min: 5, max: 5_120 }).chain((mib) =>
    fc.record({
      kind: fc.constant('multipart'),
      checksumMode: fc.constantFrom('none', 'sha256'),
      partSize: fc.constant(mib * MIB),
      size: fc.integer({ min: 0, max: 10_000 * mib * MIB }),
    }),
  ),
) as fc.Arbitrary<Pick<Grant, 'kind' | 'checksumMode' | 'partSize' | 'size'>>;

const input = fc
  .tuple(plan, regionCode, bytes(16), bytes(10))
  .map(([facts, region, nonce, digest]) => ({ ...facts, region, ownerKey: OWNER, nonce, grantDigest: digest }));

const GRANT: Grant = {
  kind: 'put',
  checksumMode: 'none',
  partSize: 0,
  size: 3,
  name: 'a.txt',
  type: 'text/plain',
  sha256: null,
  metadata: {},
};

describe('ids', () => {
  it('parse reads back what format wrote', () => {
    fc.assert(
      fc.property(input, (facts) => {
        const id = formatId(facts);
        const parsed = parseId(id);
        expect(parsed).toMatchObject({
          id,
          region: facts.region,
          kind: facts.kind,
          checksumMode: facts.checksumMode,
          partSize: facts.partSize,
          size: facts.size,
        });
        expect(parsed && Buffer.from(facts.nonce).equals(parsed.nonce)).toBe(true);
        expect(parsed && Buffer.from(facts.grantDigest).equals(parsed.grantDigest)).toBe(true);
        expect(parsed && isOwnedBy(parsed, OWNER)).toBe(true);
      }),
    );
  });

  it('any change of any character makes another id or none, and never one of the same owner', () => {
    fc.assert(
      fc.property(input, fc.nat(), fc.constantFrom(...CHARACTERS), (facts, at, character) => {
        const id = formatId(facts);
        const index = at % id.length;
        fc.pre(id[index] !== character);
        const parsed = parseId(id.slice(0, index) + character + id.slice(index + 1));
        if (parsed === undefined) return;
        expect(parsed.id).not.toBe(id);
        expect(isOwnedBy(parsed, OWNER)).toBe(false);
      }),
      { numRuns: 2_000 },
    );
  });

  it('an id of one owner is not an id of another', () => {
    const parsed = parseId(
      formatId({ ...GRANT, region: 'euw1', ownerKey: OWNER, nonce: Buffer.alloc(16), grantDigest: grantDigest(GRANT) }),
    );
    expect(parsed && isOwnedBy(parsed, `${'a'.repeat(31)}b`)).toBe(false);
  });

  it('has the published length and letters', () => {
    const id = formatId({
      ...GRANT,
      region: 'euw1',
      ownerKey: OWNER,
      nonce: Buffer.alloc(16),
      grantDigest: Buffer.alloc(10),
    });
    expect(id).toMatch(/^euw1_ca{14}d[a-z2-7]{55}$/);
    expect(id).toHaveLength(5 + 71);
  });

  it.each([
    ['empty', ''],
    ['no Region', `_${'a'.repeat(71)}`],
    ['upper case', `euw1_${'A'.repeat(71)}`],
    ['one character short', `euw1_${'a'.repeat(70)}`],
    ['one character long', `euw1_${'a'.repeat(72)}`],
    ['version 0', `euw1_${'a'.repeat(71)}`],
    ['a trailing newline', `euw1_c${'a'.repeat(70)}\n`],
  ])('refuses %s', (_, text) => {
    expect(parseId(text)).toBeUndefined();
  });

  it.each<[string, Partial<Grant>]>([
    ['more than one PUT takes', { size: 5_368_709_121 }],
    ['more than one form takes', { kind: 'form', size: 5_368_709_121 }],
    ['parts of a PUT', { partSize: 8 * MIB }],
    ['part checksums of a PUT', { checksumMode: 'sha256' }],
    ['parts without a size', { kind: 'multipart' }],
    ['parts below the smallest', { kind: 'multipart', partSize: 4 * MIB }],
    ['parts above the largest', { kind: 'multipart', partSize: 5_121 * MIB }],
    ['one part too many', { kind: 'multipart', partSize: 5 * MIB, size: 50_000 * MIB + 1 }],
  ])('refuses a plan that nobody grants: %s', (_, plan) => {
    const facts = { ...GRANT, region: 'euw1', ownerKey: OWNER, nonce: Buffer.alloc(16), grantDigest: Buffer.alloc(10) };
    expect(parseId(formatId(facts))).toBeDefined();
    expect(parseId(formatId({ ...facts, ...plan }))).toBeUndefined();
  });

  it('refuses spare bits that are not 0', () => {
    const id = formatId({
      ...GRANT,
      region: 'euw1',
      ownerKey: OWNER,
      nonce: Buffer.alloc(16),
      grantDigest: Buffer.alloc(10),
    });
    const spelled = [...'abcdefghijklmnopqrstuvwxyz234567'].filter((last) => parseId(id.slice(0, -1) + last));
    expect(spelled).toHaveLength(4);
  });
});

describe('grant digest', () => {
  const digest = (change: Partial<Grant>) => grantDigest({ ...GRANT, ...change }).toString('hex');

  it('does not depend on the order of metadata', () => {
    expect(digest({ metadata: { b: '1', a: '2' } })).toBe(digest({ metadata: { a: '2', b: '1' } }));
  });

  it.each<[string, Partial<Grant>]>([
    ['name', { name: 'b.txt' }],
    ['size', { size: 4 }],
    ['type', { type: 'text/html' }],
    ['sha256', { sha256: '0'.repeat(64) }],
    ['kind', { kind: 'form' }],
    ['metadata', { metadata: { a: '' } }],
    ['a border moved between name and type', { name: 'a.txtt', type: 'ext/plain' }],
  ])('changes with %s', (_, change) => {
    expect(digest(change)).not.toBe(digest({}));
  });
});

describe('derived nonce', () => {
  const base = { ownerKey: OWNER, subject: 'user', idempotencyKey: 'k'.repeat(16), grant: GRANT };
  const nonce = (change: Partial<typeof base>) => deriveNonce({ ...base, ...change }).toString('hex');

  it('is the same for the same caller, key and body', () => {
    expect(nonce({})).toBe(nonce({ grant: { ...GRANT } }));
    expect(nonce({})).toHaveLength(32);
  });

  it.each<[string, Partial<typeof base>]>([
    ['owner', { ownerKey: 'b'.repeat(32) }],
    ['subject', { subject: 'other' }],
    ['key', { idempotencyKey: 'l'.repeat(16) }],
    ['body', { grant: { ...GRANT, size: 4 } }],
  ])('changes with the %s', (_, change) => {
    expect(nonce(change)).not.toBe(nonce({}));
  });
});
