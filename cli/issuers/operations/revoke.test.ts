import { describe, expect, it } from 'vitest';
import { REGISTRY_KEYS } from '../../../core/contract/registry.ts';
import { thumbprint } from '../../../core/identity/thumbprint.ts';
import { UsageError } from '../../exit.ts';
import { goodEntry, publicKey } from '../testing/entries.ts';
import { memoryOperator } from '../testing/memory-operator.ts';
import { storedPolicy, threeRegions } from '../testing/memory-regions.ts';
import { cutGrants, restoreGrants } from './cut-grants.ts';
import { disable, enable, revoke, unrevoke } from './revoke.ts';

const [inline, fetched, old] = [publicKey('ec', 'k1'), publicKey('ec', 'k2'), publicKey('ec', 'k2')];
const acme = goodEntry('acme', { algorithms: ['ES256'], keys: { jwks: { keys: [inline] } } });
const start = (options = {}) => {
  const world = threeRegions(storedPolicy(4, { issuers: [acme, goodEntry('globex')] }));
  return { ...world, operator: memoryOperator(world.regions, options) };
};
const EFFECT = 'refused everywhere at the latest 30 s from now';
const BEFORE = 'this was cut off before: no new version is needed';
const keysDocument = (keys: readonly unknown[]) =>
  JSON.stringify({
    schema: 1,
    version: 1,
    checkedAt: '2026-11-20T23:59:30.000Z',
    keys: { globex: { jwks: { keys }, fetchedAt: '2026-11-20T23:59:30.000Z', status: 'ok' } },
  });

describe('issuers revoke', () => {
  it('cuts off a key by its thumbprint, found by its kid', async () => {
    const { regions, operator, apse2 } = start();
    expect(await revoke(operator, 'acme', { kid: 'k1' }, 'leaked')).toBe(0);
    const { kids } = apse2.policy().revocations;
    expect(kids).toMatchObject([{ issuer: 'acme', thumbprint: thumbprint(inline), reason: 'leaked' }]);
    expect(apse2.audit()).toMatchObject([{ action: 'revoke', version: 5, reason: 'leaked' }]);
    for (const { asked } of regions) expect(asked).toEqual([5]);
    expect(operator.stderr()).toEqual([
      EFFECT,
      expect.stringMatching(/^URLs handed out before live on .*--cut-grants/),
    ]);
  });

  it('cuts off every key that has this kid in any Region', async () => {
    const { operator, euw1, use1 } = start();
    await euw1.store.write(REGISTRY_KEYS.keys, keysDocument([fetched]), null);
    await use1.store.write(REGISTRY_KEYS.keys, keysDocument([old]), null);
    await revoke(operator, 'globex', { kid: 'k2' }, 'leaked');
    const revoked = euw1.policy().revocations.kids.map((item) => item.thumbprint);
    expect(revoked.sort()).toEqual([thumbprint(fetched), thumbprint(old)].sort());
  });

  it('takes a thumbprint of a key that is gone', async () => {
    const { operator, euw1 } = start();
    expect(await revoke(operator, 'globex', { kid: thumbprint(old) }, 'leaked')).toBe(0);
    expect(euw1.policy().revocations.kids).toMatchObject([{ thumbprint: thumbprint(old) }]);
  });

  it.each([
    ['a kid nobody knows', 'acme', { kid: 'k9' }],
    ['an issuer that does not exist', 'amce', { kid: 'k1' }],
    ['nothing', 'acme', {}],
    ['a moment without a zone', 'acme', { issuedBefore: '2026-11-20T00:00:00' }],
    ['a moment in the future', 'acme', { issuedBefore: '2027-01-01T00:00:00Z' }],
    ['a moment that does not exist', 'acme', { issuedBefore: '2026-13-01T00:00:00Z' }],
    ['an empty subject', 'acme', { subject: '' }],
  ])('refuses %s and changes nothing', async (_, issuer, selectors) => {
    const { operator, euw1 } = start();
    await expect(revoke(operator, issuer, selectors, 'why')).rejects.toThrow(UsageError);
    expect(euw1.policy().version).toBe(4);
  });

  it('cuts off a token, a subject and everything before a moment', async () => {
    const { operator, use1 } = start();
    const selectors = { token: 'jti-1', subject: 'eve', issuedBefore: '2026-11-20T08:00Z' };
    expect(await revoke(operator, 'acme', selectors, 'breach')).toBe(0);
    expect(use1.policy().revocations).toMatchObject({
      tokens: [{ issuer: 'acme', jti: 'jti-1' }],
      subjects: [{ issuer: 'acme', subject: 'eve' }],
      issuedBefore: [{ issuer: 'acme', before: '2026-11-20T08:00:00.000Z' }],
    });
  });

  it('changes nothing when it is repeated, and keeps the first reason', async () => {
    const { operator, euw1 } = start();
    await revoke(operator, 'acme', { subject: 'eve' }, 'first');
    expect(operator.stderr()).not.toContain(BEFORE);
    expect(await revoke(operator, 'acme', { subject: 'eve' }, 'second')).toBe(0);
    expect(operator.stderr()).toContain(BEFORE);
    expect(euw1.policy()).toMatchObject({ version: 5, revocations: { subjects: [{ reason: 'first' }] } });
  });

  it('exits with 0 and a warning while one Region cannot be reached', async () => {
    const { operator, euw1, use1, apse2 } = start();
    euw1.store.faults.down = true;
    expect(await revoke(operator, 'acme', { subject: 'eve' }, 'why')).toBe(0);
    for (const region of [use1, apse2]) expect(region.policy().revocations.subjects).toHaveLength(1);
    const said = operator.stderr();
    expect(said.join('\n')).toMatch(/WARNING: euw1 could not be reached: run the same command again/);
    expect(said).not.toContain(EFFECT);
  });

  it('exits with 1 while a Region answers and does not have it', async () => {
    const { operator, use1 } = start();
    use1.store.faults.failWrites = true;
    expect(await revoke(operator, 'acme', { subject: 'eve' }, 'why')).toBe(1);
    expect(operator.stderr().join('\n')).toContain('NOT DONE in use1');
    use1.store.faults.failWrites = false;
    expect(await revoke(operator, 'acme', { subject: 'eve' }, 'why')).toBe(0);
    expect(use1.policy().revocations.subjects).toHaveLength(1);
  });

  it('exits with 1 when no Region can be reached', async () => {
    const { operator, regions } = start();
    for (const { store } of regions) store.faults.down = true;
    expect(await revoke(operator, 'acme', { subject: 'eve' }, 'why')).toBe(1);
  });
});

describe('issuers unrevoke', () => {
  it.each([[{ kid: 'k1' }], [{ token: 'jti-1' }], [{ subject: 'eve' }], [{ issuedBefore: '2026-11-20T08:00:00Z' }]])(
    'lets in again exactly what it names: %j',
    async (selectors) => {
      const { operator, apse2 } = start();
      const all = { kid: 'k1', token: 'jti-1', subject: 'eve', issuedBefore: '2026-11-20T08:00:00Z' };
      await revoke(operator, 'acme', all, 'breach');
      await revoke(operator, 'globex', { token: 'jti-1', subject: 'eve' }, 'breach');
      expect(await unrevoke(operator, 'acme', selectors, 'wrong one')).toBe(0);
      const { kids, tokens, subjects, issuedBefore } = apse2.policy().revocations;
      const left = [...kids, ...tokens, ...subjects, ...issuedBefore];
      expect(left).toHaveLength(5);
      expect(left.filter(({ issuer }) => issuer === 'globex')).toHaveLength(2);
      expect(apse2.audit().at(-1)).toMatchObject({ action: 'unrevoke', reason: 'wrong one' });
    },
  );

  it('says when nothing of it is revoked', async () => {
    const { operator, euw1 } = start();
    expect(await unrevoke(operator, 'acme', { subject: 'eve' }, 'why')).toBe(0);
    expect(operator.stderr()).toContain('nothing of this is revoked');
    expect(euw1.policy().version).toBe(4);
  });

  it('exits with 1 while a Region was not reached: nobody is in a hurry to let somebody in', async () => {
    const { operator, use1 } = start();
    await revoke(operator, 'acme', { subject: 'eve' }, 'why');
    use1.store.faults.down = true;
    expect(await unrevoke(operator, 'acme', { subject: 'eve' }, 'why')).toBe(1);
    use1.store.faults.down = false;
    expect(await unrevoke(operator, 'acme', { subject: 'eve' }, 'why')).toBe(0);
    expect(use1.policy().revocations.subjects).toEqual([]);
  });
});

describe('issuers disable and enable', () => {
  it('cut off an issuer and let it in again', async () => {
    const { operator, apse2 } = start();
    expect(await disable(operator, 'acme', { reason: 'breach', cutsGrants: false })).toBe(0);
    expect(apse2.policy().revocations.disabled).toMatchObject([{ issuer: 'acme', reason: 'breach' }]);
    expect(await enable(operator, 'acme', 'over')).toBe(0);
    expect(apse2.policy().revocations.disabled).toEqual([]);
    expect(apse2.audit().map(({ action }) => action)).toEqual(['disable', 'enable']);
  });

  it('leave what was revoked one by one', async () => {
    const { operator, apse2 } = start();
    await revoke(operator, 'acme', { subject: 'eve' }, 'why');
    await disable(operator, 'acme', { reason: 'breach', cutsGrants: false });
    await enable(operator, 'acme', 'over');
    expect(apse2.policy().revocations.subjects).toHaveLength(1);
  });
});

describe('cutting grants', () => {
  it('prints a statement for each bucket that denies presigned requests under the issuer’s prefix', async () => {
    const { operator } = start({ json: true });
    expect(await cutGrants(operator, 'acme', 'print')).toBe(0);
    const printed = operator.stdout().map((line) => JSON.parse(line));
    expect(printed).toHaveLength(3);
    expect(printed[0]).toEqual({
      region: 'euw1',
      bucket: 'uploads-euw1',
      statement: {
        Sid: expect.stringMatching(/^[A-Za-z0-9]+$/),
        Effect: 'Deny',
        Principal: '*',
        Action: 's3:*',
        Resource: 'arn:aws:s3:::uploads-euw1/u/acme/*',
        Condition: { StringEquals: { 's3:authType': ['REST-QUERY-STRING', 'POST'] } },
      },
    });
    expect(operator.bucketPolicies.size).toBe(0);
  });

  it('applies beside what the policy has, once for each issuer, and takes only its own away', async () => {
    const { operator } = start();
    const own = { Sid: 'OnlyTls', Effect: 'Deny', Principal: '*', Action: 's3:*', Resource: '*' };
    operator.bucketPolicies.set('euw1', JSON.stringify({ Version: '2012-10-17', Statement: [own] }));
    for (const issuer of ['acme', 'acme', 'globex']) expect(await cutGrants(operator, issuer, 'apply')).toBe(0);
    const statements = () =>
      JSON.parse(operator.bucketPolicies.get('euw1') ?? '{}').Statement as { Resource: string }[];
    expect(statements().map(({ Resource }) => Resource)).toEqual([
      '*',
      'arn:aws:s3:::uploads-euw1/u/acme/*',
      'arn:aws:s3:::uploads-euw1/u/globex/*',
    ]);
    await restoreGrants(operator, 'acme');
    expect(statements().map(({ Resource }) => Resource)).toEqual(['*', 'arn:aws:s3:::uploads-euw1/u/globex/*']);
    await restoreGrants(operator, 'globex');
    expect(statements()).toEqual([own]);
    expect(operator.bucketPolicies.has('use1')).toBe(false);
  });
});
