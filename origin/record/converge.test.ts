import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { budgetRuns } from '../../test/support/budget.ts';
import { AFTER_LIFE, AT, created, fact, head, isLiving, MARKED, MISSING, RECORDS, seen } from '../testing/records.ts';
import type { Fact } from './facts.ts';
import { STORED_STATES, type StoredRecord } from './record.ts';
import { transition } from './transition.ts';

/** How far along a state is; restoring and giving back a lease are the only steps back. */
const RANK: Readonly<Record<string, number>> = {
  none: 0,
  CREATED: 1,
  COMPLETING: 1,
  RECEIVED: 2,
  UPLOADED: 3,
  REJECTED: 3,
  ABORTED: 3,
  DELETED: 4,
  PURGED: 5,
};

const rankOf = (record: StoredRecord | null): number => RANK[record?.state ?? 'none'] ?? Number.NaN;

const times = fc.constantFrom(AT, '2026-11-20T12:20:00.000Z', '2026-11-27T13:00:00.000Z', AFTER_LIFE);
const versions = fc.constantFrom('v1', 'v2', 'v3');
const sequencers = fc.constantFrom(null, '01', '0100', '02', '0201', '03');
const seens = fc.oneof(
  versions.map((versionId) => seen(versionId)),
  versions.map((versionId) => seen(versionId, { contentEncoding: 'gzip' })),
  versions.map((versionId) => seen(versionId, { metadata: {} })),
  versions.map((versionId) => seen(versionId, { lastModifiedMs: Date.parse(AFTER_LIFE) })),
  fc.constantFrom(MISSING, MARKED),
);

const anyFact: fc.Arbitrary<Fact> = fc.oneof(
  fc.constantFrom(created(), created('2026-11-20T11:00:00.000Z', 'zoe'), created('2026-11-20T12:40:00.000Z', 'late')),
  fc
    .record({ versionId: fc.option(versions), sequencer: sequencers, at: times })
    .map(({ at, ...members }) => fact('objectCreated', members, at)),
  fc
    .record({ versionId: fc.option(versions), marker: fc.boolean(), sequencer: sequencers, at: times })
    .map(({ at, ...members }) => fact('objectRemoved', members, at)),
  fc
    .record({ asked: fc.option(versions), sequencer: sequencers, seen: seens, final: fc.boolean(), at: times })
    .map(({ at, ...members }) => head({ ...members, finalizer: { tenant: null, subject: 'finalizer' } }, at)),
  times.map((at) => fact('abort', {}, at)),
  times.map((at) => fact('delete', {}, at)),
  times.map((at) => fact('restore', {}, at)),
  times.map((at) => fact('purged', {}, at)),
  times.map((at) => fact('leaseTaken', { token: 'a', until: '2026-11-20T12:15:00.000Z', uploadId: null }, at)),
  times.map((at) => fact('completeFailed', { token: 'a' }, at)),
);

const anyRecord: fc.Arbitrary<StoredRecord | null> = fc.constantFrom(
  null,
  ...STORED_STATES.map((state) => RECORDS[state]),
);

const isStepBack = (told: Fact): boolean => told.type === 'restore';

describe('transition, for any record and any facts', () => {
  it('never throws, never regresses and never writes a second version', () => {
    fc.assert(
      fc.property(anyRecord, fc.array(anyFact, { maxLength: 20 }), (start, facts) => {
        let record = start;
        for (const told of facts) {
          const { record: next } = transition(record, told);
          if (!isStepBack(told)) expect(rankOf(next)).toBeGreaterThanOrEqual(rankOf(record));
          if (record !== null && next !== null && 'pin' in record && 'pin' in next) {
            expect(next.pin.versionId).toBe(record.pin.versionId);
          }
          record = next;
        }
      }),
      { numRuns: budgetRuns(400) },
    );
  });

  it('says nothing new when the same fact is told again', () => {
    fc.assert(
      fc.property(anyRecord, fc.array(anyFact, { maxLength: 10 }), anyFact, (start, facts, last) => {
        const before = facts.reduce((record, told) => transition(record, told).record, start);
        const once = transition(before, last).record;
        expect(transition(once, last).record).toBe(once);
      }),
      { numRuns: budgetRuns(400) },
    );
  });

  it('never revives an ended upload, and never lets its last version be removed', () => {
    const ended = anyRecord.filter(
      (record) => record !== null && ['REJECTED', 'ABORTED', 'PURGED'].includes(record.state),
    );
    fc.assert(
      fc.property(ended, fc.array(anyFact, { maxLength: 20 }), (start, facts) => {
        let record = start;
        for (const told of facts) {
          const result = transition(record, told);
          record = result.record;
          expect(record?.state).toBe(start?.state);
          const kept = record !== null && 'pin' in record ? record.pin.versionId : null;
          for (const effect of result.effects) {
            if (effect.type === 'deleteVersion') expect(effect.versionId).not.toBe(kept);
          }
        }
      }),
      { numRuns: budgetRuns(400) },
    );
  });

  it('removes only versions that no record stands for', () => {
    fc.assert(
      fc.property(anyRecord, fc.array(anyFact, { maxLength: 20 }), (start, facts) => {
        let record = start;
        for (const told of facts) {
          const result = transition(record, told);
          record = result.record;
          const pinned = record !== null && 'pin' in record ? record.pin.versionId : null;
          const removed = result.effects.flatMap((effect) =>
            effect.type === 'deleteVersion' ? [effect.versionId] : [],
          );
          expect(removed).not.toContain(pinned);
        }
      }),
      { numRuns: budgetRuns(400) },
    );
  });
});

/** What one PUT and its finalize make the world say, each as often as it likes; `final` at least once. */
const story: readonly Fact[] = [
  created(),
  created('2026-11-20T12:30:00.000Z'),
  fact('objectCreated', { versionId: 'v1', sequencer: '01' }),
  head({ asked: 'v1', sequencer: '01' }),
  head({ final: true, finalizer: { tenant: 't1', subject: 'user' } }),
  head({ asked: 'v1', final: true, finalizer: { tenant: 't1', subject: 'user' } }),
];

const heard = (extra: readonly Fact[], needed: readonly Fact[]): fc.Arbitrary<Fact[]> =>
  fc
    .tuple(fc.subarray([...extra]), fc.array(fc.constantFrom(...extra, ...needed), { maxLength: 6 }))
    .chain(([some, again]) => {
      const all = [...needed, ...some, ...again];
      return fc.shuffledSubarray(all, { minLength: all.length });
    });

const endOf = (facts: readonly Fact[]): StoredRecord | null =>
  facts.reduce<StoredRecord | null>((record, told) => transition(record, told).record, null);

const essence = (record: StoredRecord | null) =>
  isLiving(record)
    ? {
        state: record.state,
        pin: 'pin' in record ? record.pin : null,
        grant: record.grant,
        createdAt: record.createdAt,
      }
    : record;

describe('the same story in any order, with any part lost or repeated', () => {
  it('ends UPLOADED with the same version', () => {
    const [first, renewed, event, observed, byKey, byVersion] = story;
    const needed = [byKey, first].flatMap((told) => (told === undefined ? [] : [told]));
    const extra = [renewed, event, observed, byVersion].flatMap((told) => (told === undefined ? [] : [told]));
    const want = {
      state: 'UPLOADED',
      pin: {
        versionId: 'v1',
        etag: '"e1"',
        checksums: { crc64nvme: 'AAAAAAAAAAA=' },
        lastModified: '2026-11-20T12:00:05.000Z',
      },
      grant: { name: 'photo.png', type: 'image/png', sha256: null, metadata: { album: 'summer' } },
      createdAt: '2026-11-20T12:00:00.000Z',
    };
    fc.assert(
      fc.property(heard(extra, needed), (facts) => {
        expect(essence(endOf(facts))).toEqual(want);
      }),
      { numRuns: budgetRuns(300) },
    );
  });

  it('names the creator of the earliest event', () => {
    const events = [created(), created('2026-11-20T11:00:00.000Z', 'zoe'), created('2026-11-20T12:30:00.000Z', 'late')];
    fc.assert(
      fc.property(heard(story, events), (facts) => {
        expect(endOf(facts)).toMatchObject({
          createdAt: '2026-11-20T11:00:00.000Z',
          creator: { tenant: 't1', subject: 'zoe', since: '2026-11-20T11:00:00.000Z' },
        });
      }),
      { numRuns: budgetRuns(300) },
    );
  });

  it('ends DELETED when the caller deleted it after it was uploaded, whatever is heard later', () => {
    fc.assert(
      fc.property(heard(story, [created()]), (facts) => {
        const deleted = transition(RECORDS.UPLOADED, fact('delete', {})).record;
        const end = facts.reduce((record, told) => transition(record, told).record, deleted);
        expect(end).toMatchObject({ state: 'DELETED', pin: { versionId: 'v1' } });
      }),
      { numRuns: budgetRuns(300) },
    );
  });

  it('ends DELETED when a delete marker came over the object, also if its event overtook the others', () => {
    const marker = fact('objectRemoved', { versionId: 'm1', marker: true, sequencer: '02' });
    const markerSeen = head({ seen: MARKED, sequencer: '02' });
    const event = head({ asked: 'v1', sequencer: '01' });
    // A HEAD follows a marker's event when the record needs one; here it may be told at any time.
    fc.assert(
      fc.property(fc.shuffledSubarray([created(), marker, event], { minLength: 3 }), (facts) => {
        let record: StoredRecord | null = null;
        for (const told of facts) {
          const result = transition(record, told);
          record = result.record;
          if (result.effects.some(({ type }) => type === 'head')) record = transition(record, markerSeen).record;
        }
        expect(record).toMatchObject({ state: 'DELETED', pin: { versionId: 'v1' } });
      }),
      { numRuns: budgetRuns(300) },
    );
  });
});
