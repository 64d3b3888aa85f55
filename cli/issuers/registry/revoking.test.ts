import { describe, expect, it } from 'vitest';
import { publish, revoke, subject, subjectsOf, unrevoke } from '../testing/changes.ts';
import { convergeDeps, memoryRegions, storedPolicy, threeRegions } from '../testing/memory-regions.ts';
import { converge } from './converge.ts';

describe('revoking', () => {
  it.each([0, 1, 2])('works with Region %i down, and reaches it when it is back', async (index) => {
    const { regions } = threeRegions(storedPolicy(4));
    const down = regions[index];
    if (down === undefined) throw new Error('no such Region');
    down.store.faults.down = true;
    expect(await revoke(regions, 'eve')).toMatchObject({ kind: 'done', written: { version: 5 } });
    for (const region of regions.filter((one) => one !== down)) expect(subjectsOf(region)).toEqual(['eve']);
    down.store.faults.down = false;
    expect(subjectsOf(down)).toEqual([]);
    expect(await revoke(regions, 'eve')).toMatchObject({ kind: 'done', written: null });
    for (const region of regions) expect(region.policy()).toMatchObject({ version: 5, revocations: subject('eve') });
  });

  it('is said to be impossible when no Region answers', async () => {
    const { regions } = threeRegions(storedPolicy(4));
    for (const { store } of regions) store.faults.down = true;
    expect(await revoke(regions, 'eve')).toMatchObject({
      kind: 'impossible',
      reason: expect.stringContaining('apse2'),
    });
  });

  it('goes to the next Region when the first takes no writes', async () => {
    const { regions, euw1, use1 } = threeRegions(storedPolicy(4));
    euw1.store.faults.failWrites = true;
    expect(await revoke(regions, 'eve')).toMatchObject({ kind: 'done', written: { version: 5 } });
    expect([subjectsOf(euw1), subjectsOf(use1)]).toEqual([[], ['eve']]);
  });

  it('loses nobody when many revoke at once', async () => {
    const { regions } = threeRegions(storedPolicy(4));
    const names = ['a', 'b', 'c', 'd'];
    const outcomes = await Promise.all(
      names.map((name, index) => revoke(regions, name, Date.UTC(2026, 10, 22 + index))),
    );
    expect(outcomes.map(({ kind }) => kind)).toEqual(['done', 'done', 'done', 'done']);
    await converge(convergeDeps(regions), 'anna');
    for (const region of regions) expect([...subjectsOf(region)].sort()).toEqual(names);
  });

  it('is not undone by a publisher who was cut off from it', async () => {
    const { regions, euw1, use1, apse2 } = threeRegions(storedPolicy(4));
    // Two worlds: the publisher reaches the primary Region alone, the other two take the revocation.
    await publish([euw1], [{ id: 'acme' }]);
    await publish([euw1], [{ id: 'acme' }, { id: 'globex' }]);
    euw1.store.faults.down = true;
    await revoke(regions, 'eve');
    expect([use1.policy().version, euw1.policy().version]).toEqual([5, 6]);
    euw1.store.faults.down = false;
    expect(await publish(regions, [{ id: 'initech' }])).toMatchObject({ kind: 'done' });
    for (const region of [euw1, use1, apse2]) {
      expect(subjectsOf(region)).toEqual(['eve']);
      expect(region.policy().issuers).toEqual([{ id: 'initech' }]);
    }
  });

  it('joins two different policies of one version under a higher one', async () => {
    const regions = memoryRegions({
      euw1: storedPolicy(5, { issuers: [{ id: 'acme' }] }),
      use1: storedPolicy(5, { revocations: subject('eve') }),
    });
    await converge(convergeDeps(regions), 'anna');
    for (const region of regions) {
      expect(region.policy()).toMatchObject({ version: 6, issuers: [{ id: 'acme' }], revocations: subject('eve') });
      expect(region.audit()).toMatchObject([{ action: 'merge', version: 6 }]);
    }
  });
});

describe('lifting a revocation', () => {
  it('is not undone by a Region that was down meanwhile', async () => {
    const { regions, apse2 } = threeRegions(storedPolicy(4));
    await revoke(regions, 'eve');
    await revoke(regions, 'mallory');
    apse2.store.faults.down = true;
    await unrevoke(regions, 'eve');
    await publish(regions, [{ id: 'acme' }]);
    apse2.store.faults.down = false;
    expect(subjectsOf(apse2)).toEqual(['eve', 'mallory']);
    await converge(convergeDeps(regions), 'anna');
    for (const region of regions) expect(subjectsOf(region)).toEqual(['mallory']);
  });

  it('is undone by a Region nobody knows the past of, since keeping a revocation is the safe mistake', async () => {
    const regions = memoryRegions({ euw1: storedPolicy(6), use1: storedPolicy(5, { revocations: subject('eve') }) });
    await converge(convergeDeps(regions), 'anna');
    for (const region of regions) expect(subjectsOf(region)).toEqual(['eve']);
  });
});
