import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NO_REVOCATIONS, REGISTRY_KEYS } from '../../../core/contract/registry.ts';
import { budgetRuns } from '../../../test/support/budget.ts';
import { publish, revoke, subjectsOf } from '../testing/changes.ts';
import { convergeDeps, storedPolicy, threeRegions } from '../testing/memory-regions.ts';
import { converge } from './converge.ts';

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
