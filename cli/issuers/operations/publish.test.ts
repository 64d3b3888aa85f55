import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { goodEntry } from '../testing/entries.ts';
import { entriesFolder } from '../testing/entries-folder.ts';
import { memoryOperator } from '../testing/memory-operator.ts';
import { storedPolicy, threeRegions } from '../testing/memory-regions.ts';
import { diff, publish } from './publish.ts';
import { rollback } from './rollback.ts';
import { status } from './status.ts';

let folder: ReturnType<typeof entriesFolder>;
beforeEach(() => {
  folder = entriesFolder();
});
afterEach(() => folder.remove());

const acme = goodEntry('acme');
const YES = { yes: true, reason: null };
const live = (...issuers: unknown[]) => threeRegions(storedPolicy(4, { issuers, drain: ['use1'] }));

describe('issuers publish', () => {
  it('shows what changes, writes every Region, reads it back and asks the refreshers', async () => {
    const { regions, euw1, apse2 } = live(acme);
    const operator = memoryOperator(regions);
    folder.write({ ...acme, maxTokenAgeSeconds: 86_400 });
    expect(await publish(operator, folder.path, YES)).toBe(0);
    expect(operator.stdout()).toEqual([
      'WIDENS   acme: tokens up to 24 h old instead of 1 h',
      'euw1   reads back version 5; its refresher is asked',
      'use1   reads back version 5; its refresher is asked',
      'apse2  reads back version 5; its refresher is asked',
    ]);
    expect(operator.questions).toEqual([]);
    expect(apse2.policy()).toMatchObject({ version: 5, issuers: [{ maxTokenAgeSeconds: 86_400 }], drain: ['use1'] });
    expect(apse2.asked).toEqual([5]);
    expect(euw1.audit()).toMatchObject([
      {
        action: 'publish',
        who: 'arn:aws:iam::123456789012:user/anna',
        version: 5,
        diff: ['WIDENS   acme: tokens up to 24 h old instead of 1 h'],
        replaced: [{ version: 4 }],
      },
    ]);
  });

  it('asks a person, and writes nothing after a no', async () => {
    const { regions, euw1 } = live(acme);
    const operator = memoryOperator(regions, { answer: false });
    folder.write(goodEntry('acme', { status: 'disabled' }));
    expect(await publish(operator, folder.path, { yes: false, reason: null })).toBe(1);
    expect(operator.questions).toHaveLength(1);
    expect(euw1.policy().version).toBe(4);
    expect(euw1.audit()).toEqual([]);
  });

  it('changes nothing when it is repeated', async () => {
    const { regions, euw1 } = live(acme);
    const operator = memoryOperator(regions);
    folder.write(goodEntry('acme', { note: 'x' }));
    await publish(operator, folder.path, YES);
    expect(await publish(operator, folder.path, YES)).toBe(0);
    expect(euw1.policy().version).toBe(5);
    expect(euw1.audit()).toHaveLength(1);
  });

  it('writes nothing for a folder with a fault, and tells it', async () => {
    const { regions, euw1 } = live(acme);
    const operator = memoryOperator(regions);
    folder.write({ ...acme, audiences: ['*'] });
    expect(await publish(operator, folder.path, YES)).toBe(1);
    expect(operator.stdout()).toEqual([
      expect.stringMatching(/acme\.json \/audiences\/0 is compared letter by letter/),
    ]);
    expect(euw1.policy().version).toBe(4);
  });

  it('refuses an entry that lets nobody upload in this deployment', async () => {
    const { regions } = live(acme);
    const operator = memoryOperator(regions);
    folder.write(goodEntry('acme', { limits: { ...acme.limits, regions: ['sae1'] } }));
    expect(await publish(operator, folder.path, YES)).toBe(1);
    expect(operator.stdout()[0]).toContain('/limits/regions names no deployed Region');
  });

  it('does not take an empty folder for the wish to remove everybody', async () => {
    const { regions, euw1 } = live(acme);
    const operator = memoryOperator(regions);
    expect(await publish(operator, folder.path, YES)).toBe(1);
    expect(operator.stderr().join()).toContain('would remove every issuer');
    expect(euw1.policy().version).toBe(4);
  });

  it('exits with 1 while a Region fails, and with 0 when it is repeated after that', async () => {
    const { regions, use1 } = live(acme);
    const operator = memoryOperator(regions);
    folder.write(goodEntry('acme', { note: 'x' }));
    use1.store.faults.down = true;
    expect(await publish(operator, folder.path, YES)).toBe(1);
    expect(operator.stdout().find((line) => line.startsWith('use1'))).toMatch(/NOT DONE: does not answer/);
    expect(operator.stderr().at(-1)).toContain('run the same command again');
    use1.store.faults.down = false;
    expect(await status(operator)).toBe(1);
    expect(await publish(operator, folder.path, YES)).toBe(0);
    expect(use1.policy().version).toBe(5);
    expect(await status(operator)).toBe(0);
  });

  it('tells who was faster', async () => {
    const { regions, euw1 } = live(acme);
    const operator = memoryOperator(regions);
    const other = memoryOperator(regions);
    const others = entriesFolder();
    others.write(goodEntry('acme', { note: 'theirs' }));
    folder.write(goodEntry('acme', { note: 'mine' }));
    const slow = { ...operator, confirm: async () => (await publish(other, others.path, YES)) === 0 };
    expect(await publish(slow, folder.path, { yes: false, reason: null })).toBe(1);
    others.remove();
    expect(operator.stderr().at(-1)).toMatch(
      /another publisher was faster: version 5 \(arn:aws:iam::123456789012:user\/anna/,
    );
    expect(euw1.policy().issuers).toMatchObject([{ note: 'theirs' }]);
  });

  it('keeps what the deployment says is its own', async () => {
    const own = goodEntry('local', { issuer: 'https://issuer.nearput.test/local' });
    const { regions, euw1 } = live(own);
    const operator = memoryOperator(regions, { keeps: (entry) => JSON.stringify(entry).includes('nearput.test') });
    folder.write(acme);
    expect(await publish(operator, folder.path, YES)).toBe(0);
    expect(euw1.policy().issuers).toMatchObject([{ id: 'local' }, { id: 'acme' }]);
  });

  it('goes on when a refresher cannot be asked', async () => {
    const { regions, use1 } = live(acme);
    const operator = memoryOperator(
      regions.map((region) =>
        region === use1 ? { ...region, askRefresher: () => Promise.reject(new Error('no queue')) } : region,
      ),
    );
    folder.write(goodEntry('acme', { note: 'x' }));
    expect(await publish(operator, folder.path, YES)).toBe(0);
    expect(operator.stdout().find((line) => line.startsWith('use1'))).toContain('could not be asked (no queue)');
  });
});

describe('issuers diff', () => {
  it('shows the same and writes nothing', async () => {
    const { regions, euw1 } = live(acme);
    const operator = memoryOperator(regions);
    folder.write(goodEntry('acme', { ownership: 'tenant' }));
    expect(await diff(operator, folder.path)).toBe(0);
    expect(operator.stdout()).toEqual([expect.stringMatching(/^RE-KEYS {2}acme: uploads belong to the whole tenant/)]);
    expect(operator.stderr().at(-1)).toBe(
      '1 change, 0 widen what is allowed; 1 RE-KEYS its owners: stored uploads get out of reach; published is version 4',
    );
    expect(euw1.policy().version).toBe(4);
  });

  it('prints one JSON value a line when asked to', async () => {
    const { regions } = live(acme);
    const operator = memoryOperator(regions, { json: true });
    folder.write(goodEntry('acme', { clockSkewSeconds: 5 }));
    await diff(operator, folder.path);
    expect(operator.stdout().map((line) => JSON.parse(line))).toEqual([
      { issuer: 'acme', effect: 'narrows', text: 'clocks may differ by 5 s instead of 10 s' },
    ]);
    expect(operator.stderr()).toEqual([]);
  });
});

describe('issuers rollback', () => {
  it('publishes old entries under a new version and leaves drains and revocations', async () => {
    const { regions, apse2 } = live(acme);
    const operator = memoryOperator(regions);
    folder.write(goodEntry('acme', { note: 'x' }), goodEntry('globex'));
    await publish(operator, folder.path, YES);
    expect(await rollback(operator, 4, { yes: true, reason: 'globex was wrong' })).toBe(0);
    expect(apse2.policy()).toMatchObject({ version: 6, issuers: [acme], drain: ['use1'] });
    expect(apse2.audit().at(-1)).toMatchObject({ action: 'rollback', reason: 'to version 4: globex was wrong' });
  });

  it('finds the version in another Region when the first has lost it', async () => {
    const { regions, euw1, apse2 } = live(acme);
    const operator = memoryOperator(regions);
    folder.write(goodEntry('acme', { note: 'x' }));
    await publish(operator, folder.path, YES);
    const { history } = euw1.store;
    euw1.store.history = async function* (key) {
      for await (const body of history(key)) if (!body.includes('"version":4')) yield body;
    };
    expect(await rollback(operator, 4, YES)).toBe(0);
    expect(apse2.policy().version).toBe(6);
  });

  it('says that a version is not kept any more', async () => {
    const { regions, euw1 } = live(acme);
    const operator = memoryOperator(regions);
    expect(await rollback(operator, 99, YES)).toBe(1);
    expect(euw1.policy().version).toBe(4);
  });
});
