import { describe, expect, it } from 'vitest';
import { REGISTRY_KEYS } from '../../../core/contract/registry.ts';
import { publish, publishing, revoke, subjectsOf } from '../testing/changes.ts';
import { convergeDeps, storedPolicy, threeRegions } from '../testing/memory-regions.ts';
import { writeShown } from './change-registry.ts';
import { converge } from './converge.ts';
import { survey } from './survey.ts';

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
