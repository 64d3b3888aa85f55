import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NO_REVOCATIONS, REGISTRY_KEYS, type Revocations } from '../../../core/contract/registry.ts';
import { budgetRuns } from '../../../test/support/budget.ts';
import {
  convergeDeps,
  type MemoryRegion,
  memoryRegions,
  storedPolicy,
  threeRegions,
} from '../testing/memory-regions.ts';
import { type Change, type Outcome, writeShown, writeUrgent } from './change-registry.ts';
import { converge } from './converge.ts';
import type { Merged } from './merge-regions.ts';
import { toRevocations, uniteRevocations, withoutRevocations } from './revocation-list.ts';
import { survey } from './survey.ts';

const AT = '2026-11-20T12:00:00.000Z';
const subject = (name: string): Revocations =>
  toRevocations([{ list: 'subjects', item: { issuer: 'acme', subject: name, at: AT, reason: 'test' } }]);
const subjectsOf = (region: MemoryRegion): readonly string[] =>
  region.policy().revocations.subjects.map((item) => item.subject);

const publishing = (issuers: readonly unknown[], merged: Merged, who = 'anna'): Change => ({
  content: { issuers: [...issuers], drain: [], revocations: merged.revocations },
  note: { action: 'publish', who, reason: null, diff: ['acme: is new'] },
});
const publish = async (
  regions: readonly MemoryRegion[],
  issuers: readonly unknown[],
  who = 'anna',
): Promise<Outcome> => {
  const shown = await survey(regions);
  return writeShown(convergeDeps(regions), shown, publishing(issuers, shown.merged, who));
};
const revoke = (regions: readonly MemoryRegion[], name: string, startMs?: number): Promise<Outcome> =>
  writeUrgent(convergeDeps(regions, startMs), 'otto', (merged) => {
    const revocations = uniteRevocations(merged.revocations, subject(name));
    if (revocations === merged.revocations) return null;
    const { issuers = [], drain = [] } = merged.newest?.document ?? {};
    return {
      content: { issuers, drain, revocations },
      note: { action: 'revoke', who: 'otto', reason: 'test', diff: [] },
    };
  });
const unrevoke = (regions: readonly MemoryRegion[], name: string): Promise<Outcome> =>
  writeUrgent(convergeDeps(regions), 'otto', (merged) => {
    const key = JSON.stringify(['subjects', 'acme', name]);
    const { issuers = [], drain = [] } = merged.newest?.document ?? {};
    const revocations = withoutRevocations(merged.revocations, new Set([key]));
    return {
      content: { issuers, drain, revocations },
      note: { action: 'unrevoke', who: 'otto', reason: 'test', diff: [] },
    };
  });

describe('publishing', () => {
  it('writes the next version to every Region, byte for byte the same, with its audit entry', async () => {
    const { regions, euw1, use1, apse2 } = threeRegions(storedPolicy(4));
    expect(await publish(regions, [{ id: 'acme' }])).toMatchObject({ kind: 'done', written: { version: 5 } });
    expect(euw1.policy()).toMatchObject({ version: 5, publishedBy: 'anna', issuers: [{ id: 'acme' }] });
    for (const region of [use1, apse2]) {
      expect(region.store.body(REGISTRY_KEYS.policy)).toBe(euw1.store.body(REGISTRY_KEYS.policy));
      expect(region.audit()).toEqual(euw1.audit());
    }
    expect(euw1.audit()).toMatchObject([{ action: 'publish', who: 'anna', version: 5, diff: ['acme: is new'] }]);
  });

  it('publishes the first version where there is none', async () => {
    const { regions, apse2 } = threeRegions(null);
    expect(await publish(regions, [])).toMatchObject({ kind: 'done', written: { version: 1 } });
    expect(apse2.policy().version).toBe(1);
  });

  it('names the audit entry by time and by the digest of the policy', async () => {
    const { regions, euw1 } = threeRegions(null);
    const outcome = await publish(regions, []);
    const digest = outcome.kind === 'done' ? outcome.written?.digest : undefined;
    expect(euw1.store.keys()).toContain(`registry/audit/2026-11-21T00:00:01.000Z-${digest}.json`);
  });

  it('lets one of two publishers win and tells the other, who then has written nothing', async () => {
    const { regions, use1 } = threeRegions(storedPolicy(4));
    const shown = await survey(regions);
    const [first, second] = await Promise.all(
      ['anna', 'bert'].map((who) =>
        writeShown(convergeDeps(regions), shown, publishing([{ id: who }], shown.merged, who)),
      ),
    );
    expect([first?.kind, second?.kind].sort()).toEqual(['done', 'overtaken']);
    const winner = first?.kind === 'done' ? 'anna' : 'bert';
    for (const region of regions) expect(region.policy()).toMatchObject({ version: 5, publishedBy: winner });
    expect(use1.policy().issuers).toEqual([{ id: winner }]);
  });

  it('does not start without the primary Region', async () => {
    const { regions, euw1, use1 } = threeRegions(storedPolicy(4));
    euw1.store.faults.down = true;
    expect(await publish(regions, [])).toMatchObject({ kind: 'impossible', reason: expect.stringContaining('euw1') });
    expect(use1.policy().version).toBe(4);
  });

  it('reports a Region that fails, and mends it when it is repeated', async () => {
    const { regions, use1, apse2 } = threeRegions(storedPolicy(4));
    use1.store.faults.failWrites = true;
    const outcome = await publish(regions, [{ id: 'acme' }]);
    expect(outcome.kind === 'done' && outcome.converged.failures.get('use1')).toContain('ECONNRESET');
    expect([use1.policy().version, apse2.policy().version]).toEqual([4, 5]);
    use1.store.faults.failWrites = false;
    await converge(convergeDeps(regions), 'anna');
    expect(use1.policy()).toEqual(apse2.policy());
    expect(use1.audit()).toEqual(apse2.audit());
  });

  it('believes what S3 holds, not a lost answer', async () => {
    const { regions, euw1 } = threeRegions(storedPolicy(4));
    const shown = await survey(regions);
    euw1.store.beforeWrite = (key) => {
      if (key === REGISTRY_KEYS.policy) euw1.store.faults.loseAnswers = 1;
    };
    const outcome = await writeShown(convergeDeps(regions), shown, publishing([], shown.merged));
    expect(outcome).toMatchObject({ kind: 'done', written: { version: 5 } });
  });

  it('does not change the policy when its audit entry cannot be written', async () => {
    const { regions, euw1 } = threeRegions(storedPolicy(4));
    euw1.store.beforeWrite = (key) => {
      euw1.store.faults.failWrites = key.startsWith(REGISTRY_KEYS.auditPrefix);
    };
    await expect(publish(regions, [])).rejects.toThrow('ECONNRESET');
    expect(euw1.policy().version).toBe(4);
  });

  it('keeps a revocation that came while the change was being looked at', async () => {
    const { regions } = threeRegions(storedPolicy(4));
    const shown = await survey(regions);
    await revoke(regions, 'eve');
    expect(await writeShown(convergeDeps(regions), shown, publishing([], shown.merged))).toMatchObject({
      kind: 'overtaken',
    });
    for (const region of regions) expect(subjectsOf(region)).toEqual(['eve']);
  });

  it('never overwrites what it cannot read', async () => {
    const { regions, use1 } = threeRegions(storedPolicy(4));
    const newer = JSON.stringify({ ...storedPolicy(9), schema: 2 });
    await use1.store.write(REGISTRY_KEYS.policy, newer, (await use1.store.read(REGISTRY_KEYS.policy))?.etag ?? null);
    const outcome = await publish(regions, [{ id: 'acme' }]);
    expect(outcome.kind === 'done' && outcome.converged.views[1]?.state.kind).toBe('unreadable');
    expect(use1.store.body(REGISTRY_KEYS.policy)).toBe(newer);
  });
});

describe('a primary Region that holds what nobody can read', () => {
  const start = async () => {
    const world = threeRegions(storedPolicy(4));
    const { store } = world.euw1;
    await store.write(REGISTRY_KEYS.policy, '{"schema":2}', (await store.read(REGISTRY_KEYS.policy))?.etag ?? null);
    return world;
  };

  it('stops a publisher, who is told how to mend it', async () => {
    const { regions, use1 } = await start();
    expect(await publish(regions, [{ id: 'acme' }])).toMatchObject({
      kind: 'impossible',
      reason: expect.stringContaining('remove registry/policy.json from registry-euw1'),
    });
    expect(use1.policy().version).toBe(4);
  });

  it('does not stop a revocation', async () => {
    const { regions, euw1, use1, apse2 } = await start();
    expect(await revoke(regions, 'eve')).toMatchObject({ kind: 'done', written: { version: 5 } });
    expect([subjectsOf(use1), subjectsOf(apse2)]).toEqual([['eve'], ['eve']]);
    expect(euw1.audit()).toEqual([]);
  });
});

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

describe('whatever Regions fail and whoever writes', () => {
  it('no revocation is lost, versions never go back, and Regions that answer end alike', async () => {
    const step = fc.record({
      down: fc.subarray([0, 1, 2], { maxLength: 2 }),
      work: fc.oneof(
        fc.record({ kind: fc.constant('revoke' as const), name: fc.constantFrom('a', 'b', 'c', 'd') }),
        fc.record({ kind: fc.constant('publish' as const), name: fc.constantFrom('x', 'y') }),
      ),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async (steps) => {
        const { regions } = threeRegions(storedPolicy(1, { revocations: NO_REVOCATIONS }));
        const revoked = new Set<string>();
        let floors = regions.map(() => 1);
        for (const { down, work } of steps) {
          regions.forEach(({ store }, index) => {
            store.faults.down = down.includes(index);
          });
          if (work.kind === 'publish') await publish(regions, [{ id: work.name }]);
          else if ((await revoke(regions, work.name)).kind === 'done') revoked.add(work.name);
          const versions = regions.map((region) => region.policy().version);
          for (const [index, version] of versions.entries()) expect(version).toBeGreaterThanOrEqual(floors[index] ?? 0);
          floors = versions;
        }
        for (const { store } of regions) store.faults.down = false;
        await converge(convergeDeps(regions), 'anna');
        for (const region of regions) expect(new Set(subjectsOf(region))).toEqual(revoked);
        expect(new Set(regions.map(({ store }) => store.body(REGISTRY_KEYS.policy))).size).toBe(1);
      }),
      { numRuns: budgetRuns(60) },
    );
  });
});
