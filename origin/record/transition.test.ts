import { describe, expect, it } from 'vitest';
import { AFTER_LIFE, AT, created, fact, head, MARKED, MISSING, RECORDS, recordOf, seen } from '../testing/records.ts';
import type { Effect, Fact } from './facts.ts';
import { STORED_STATES } from './record.ts';
import { transition } from './transition.ts';

const COLUMNS = ['none', ...STORED_STATES] as const;

const object = (versionId: string | null): Fact => fact('objectCreated', { versionId, sequencer: '05' });
const removed = (versionId: string): Fact => fact('objectRemoved', { versionId, marker: false, sequencer: '06' });
const marker = fact('objectRemoved', { versionId: 'm1', marker: true, sequencer: '06' });
const wrong = seen('v1', { contentLength: 5 });
const late = { lastModifiedMs: Date.parse(AFTER_LIFE) };

/**
 * Every fact against every state. `=`: nothing is written. `~`: written, the state stays. A state: it enters it. Then the effects: `?v1` asks
 * S3 for that version, `?` for the latest, `-v1` removes that version.
 */
const TABLE: readonly (readonly [string, Fact, string])[] = [
  // columns:                            none        CREATED     COMPLETING  RECEIVED  UPLOADED  REJECTED  ABORTED  DELETED  PURGED
  [
    'created',
    created(),
    '              CREATED     =           =           =         =         =         =        =        =',
  ],
  ['created, earlier', created('2026-11-20T11:00:00.000Z'), '  CREATED  ~  ~  ~  ~  ~  ~  ~  ='],
  ['created, by renewal', created('2026-11-20T12:30:00.000Z'), '  CREATED  =  =  =  =  =  =  =  ='],
  [
    'object v1',
    object('v1'),
    '         =?v1        =?v1        =?v1        =         =         =         =-v1     =        =-v1',
  ],
  [
    'object v2',
    object('v2'),
    '         =?v2        =?v2        =?v2        =-v2      =-v2      =-v2      =-v2     =-v2     =-v2',
  ],
  [
    'object, no version',
    object(null),
    ' =?         =?          =?          =         =         =         =        =        =',
  ],
  [
    'removed v1',
    removed('v1'),
    '       =           =           =           =?v1      =?v1      =?v1      =        =?v1     =',
  ],
  [
    'removed v2',
    removed('v2'),
    '       =           =           =           =         =         =         =        =        =',
  ],
  [
    'marker',
    marker,
    '                  CREATED     ~           ~           =?        =?        =         =        ~        =',
  ],
  [
    'seen',
    head(),
    '                    RECEIVED    RECEIVED    RECEIVED    =         =         =         =-v1     =        =-v1',
  ],
  [
    'seen, final',
    head({ final: true }),
    ' UPLOADED UPLOADED    UPLOADED    UPLOADED  =         =         =-v1     =        =-v1',
  ],
  [
    'seen v2, final',
    head({ final: true, seen: seen('v2') }),
    ' UPLOADED UPLOADED UPLOADED =-v2 =-v2 =-v2 =-v2 =-v2 =-v2',
  ],
  [
    'wrong',
    head({ seen: wrong }),
    '    REJECTED    REJECTED    REJECTED    REJECTED  =         =         =-v1     =        =-v1',
  ],
  ['wrong, final', head({ seen: wrong, final: true }), ' REJECTED REJECTED REJECTED REJECTED = = =-v1 = =-v1'],
  [
    'seen, put too late',
    head({ seen: seen('v1', late), final: true }, AFTER_LIFE),
    ' UPLOADED =-v1 =-v1 UPLOADED = = =-v1 = =-v1',
  ],
  ['seen late, put in time', head({ final: true }, AFTER_LIFE), ' UPLOADED UPLOADED UPLOADED UPLOADED = = =-v1 = =-v1'],
  [
    'missing',
    head({ seen: MISSING }),
    ' =          =           =           =         =         =         =        =        =',
  ],
  [
    'missing, final',
    head({ seen: MISSING, final: true }),
    ' =  =   =           =         =         =         =        =        =',
  ],
  ['missing after the lease', head({ seen: MISSING }, '2026-11-20T12:20:00.000Z'), ' = = CREATED = = = = = ='],
  [
    'v1 missing',
    head({ asked: 'v1', seen: MISSING }),
    ' = =     =           PURGED    PURGED    =         =        PURGED   =',
  ],
  [
    'v2 missing',
    head({ asked: 'v2', seen: MISSING }),
    ' = =     =           =         =         =         =        =        =',
  ],
  [
    'marked',
    head({ seen: MARKED, sequencer: '06' }),
    ' = =      =           DELETED   DELETED   =         =        =        =',
  ],
  [
    'lease, of another',
    fact('leaseTaken', { token: 'other', until: '2026-11-20T12:30:00.000Z', uploadId: null }),
    ' COMPLETING COMPLETING = = = = = = =',
  ],
  [
    'lease, renewed',
    fact('leaseTaken', { token: 'mine', until: '2026-11-20T12:30:00.000Z', uploadId: null }),
    ' COMPLETING COMPLETING ~ = = = = = =',
  ],
  [
    'lease, taken over',
    fact(
      'leaseTaken',
      { token: 'other', until: '2026-11-20T12:30:00.000Z', uploadId: null },
      '2026-11-20T12:20:00.000Z',
    ),
    ' COMPLETING COMPLETING ~ = = = = = =',
  ],
  [
    'complete failed',
    fact('completeFailed', { token: 'mine' }),
    ' = = CREATED =         =         =         =        =        =',
  ],
  ['complete failed, of another', fact('completeFailed', { token: 'other' }), ' = = = = = = = = ='],
  [
    'abort',
    fact('abort', {}),
    '        ABORTED     ABORTED     =           =         =         =         =        =        =',
  ],
  ['abort after the lease', fact('abort', {}, '2026-11-20T12:20:00.000Z'), ' ABORTED ABORTED ABORTED = = = = = ='],
  ['abort after its life', fact('abort', {}, AFTER_LIFE), ' ABORTED = = = = = = = ='],
  [
    'delete',
    fact('delete', {}),
    '      =           =           =           DELETED   DELETED   =         =        =        =',
  ],
  [
    'restore',
    fact('restore', {}),
    '    =           =           =           =         =         =         =        UPLOADED =',
  ],
  ['restore at the last moment', fact('restore', {}, '2026-11-27T12:05:00.000Z'), ' = = = = = = = UPLOADED ='],
  ['restore too late', fact('restore', {}, '2026-11-27T12:05:00.001Z'), ' = = = = = = = = ='],
  ['purged too early', fact('purged', {}, '2026-11-27T12:05:00.000Z'), ' = = = = = = = = ='],
  ['purged', fact('purged', {}, '2026-11-27T12:05:00.001Z'), ' = = = = = = = PURGED ='],
  ['looked', fact('looked', { next: '2026-11-20T13:00:00.000Z' }), ' = ~ ~ ~ ~ ~ ~ ~ ='],
  ['looked, never again', fact('looked', { next: null }), ' = = = = = = = = ='],
];

const writeEffect = (effect: Effect): string =>
  effect.type === 'head' ? `?${effect.versionId ?? ''}` : `-${effect.versionId}`;

const outcome = (column: (typeof COLUMNS)[number], told: Fact): string => {
  const record = recordOf(column);
  const next = transition(record, told);
  const state = next.record?.state ?? 'none';
  const change = next.record === record ? '=' : state === column ? '~' : state;
  return `${change}${next.effects.map(writeEffect).join('')}`;
};

describe('transition', () => {
  it.each(TABLE)('%s', (_name, told, expected) => {
    const want = expected.trim().split(/\s+/);
    expect(want).toHaveLength(COLUMNS.length);
    expect(Object.fromEntries(COLUMNS.map((column) => [column, outcome(column, told)]))).toEqual(
      Object.fromEntries(COLUMNS.map((column, index) => [column, want[index]])),
    );
  });

  it('has a row for every fact', () => {
    const types = [
      'created',
      'objectCreated',
      'objectRemoved',
      'head',
      'leaseTaken',
      'completeFailed',
      'abort',
      'delete',
      'restore',
      'purged',
      'looked',
    ];
    expect(new Set(TABLE.map(([, told]) => told.type))).toEqual(new Set(types));
  });

  it('pins the very version, ETag and checksums that HEAD showed', () => {
    const { record } = transition(RECORDS.CREATED, head({ final: true, seen: seen('v9', { etag: '"e9"' }) }));
    expect(record).toMatchObject({
      state: 'UPLOADED',
      pin: { versionId: 'v9', etag: '"e9"', checksums: { crc64nvme: 'AAAAAAAAAAA=' } },
      receivedAt: '2026-11-20T12:00:05.000Z',
      uploadedAt: AT,
    });
  });

  it('keeps the reason of a rejection', () => {
    expect(transition(RECORDS.CREATED, head({ seen: wrong })).record).toMatchObject({
      rejected: { code: 'size', detail: 'The object has 5 bytes, 4 were declared.' },
    });
  });

  it('puts under a marker what was created before it and is heard of after it', () => {
    const told = transition(null, marker).record;
    const next = transition(told, head({ asked: 'v1', sequencer: '05' })).record;
    expect(next).toMatchObject({ state: 'DELETED', pin: { versionId: 'v1' } });
  });

  it('takes what was put again after a marker', () => {
    const told = transition(null, marker).record;
    expect(transition(told, head({ asked: 'v2', sequencer: '07', seen: seen('v2') })).record?.state).toBe('RECEIVED');
  });

  it('hides an upload once for one marker: after a restore the same event does nothing', () => {
    const hidden = transition(RECORDS.UPLOADED, head({ seen: MARKED, sequencer: '06' })).record;
    const restored = transition(hidden, fact('restore', {})).record;
    expect(restored?.state).toBe('UPLOADED');
    expect(transition(restored, marker)).toEqual({ record: restored, effects: [] });
    const next = fact('objectRemoved', { versionId: 'm2', marker: true, sequencer: '0601' });
    expect(transition(restored, next).effects).toEqual([{ type: 'head', versionId: null, sequencer: '0601' }]);
  });

  it('restores an upload that was deleted before it was finalized to where it was', () => {
    const deleted = transition(RECORDS.RECEIVED, fact('delete', {})).record;
    expect(transition(deleted, fact('restore', {})).record?.state).toBe('RECEIVED');
  });

  it('takes creator and grant of a record without event from finalize and grant metadata', () => {
    const told = head({ final: true, finalizer: { tenant: 't2', subject: 'someone' } });
    expect(transition(null, told).record).toMatchObject({
      createdAt: '2026-11-20T12:00:00.000Z',
      grant: { name: 'photo.png', type: 'image/png', sha256: null, metadata: { album: 'summer' } },
      creator: { tenant: 't2', subject: 'someone', since: null },
    });
  });

  it('lets the created event overrule the creator a finalize named', () => {
    const told = head({ final: true, finalizer: { tenant: 't2', subject: 'someone' } });
    const next = transition(transition(null, told).record, created()).record;
    expect(next).toMatchObject({ creator: { tenant: 't1', subject: 'user' } });
  });

  it('names the upload that is being completed, whichever the event named; without one it keeps what it knows', () => {
    const lease = (uploadId: string | null, until = '2026-11-20T12:30:00.000Z') =>
      fact('leaseTaken', { token: 'mine', until, uploadId });
    const told = transition(RECORDS.CREATED, lease('B')).record;
    expect(told).toMatchObject({ uploadId: 'B' });
    expect(transition(told, lease(null, '2026-11-20T12:31:00.000Z')).record).toMatchObject({ uploadId: 'B' });
    expect(transition(told, lease('C', '2026-11-20T12:31:00.000Z')).record).toMatchObject({ uploadId: 'C' });
  });

  it('keeps the last 50 entries of its history', () => {
    const history = Array.from({ length: 50 }, (_, index) => ({ at: AT, state: 'CREATED', fact: `f${index}` }));
    const next = transition({ ...RECORDS.CREATED, history }, head()).record;
    expect(next !== null && 'history' in next && next.history).toHaveLength(50);
    expect(next).toMatchObject({ history: expect.arrayContaining([{ at: AT, state: 'RECEIVED', fact: 'head' }]) });
    expect(JSON.stringify(next)).not.toContain('"f0"');
  });

  it.each([
    ['CREATED', created(), 'none', '2026-11-20T12:13:00.000Z'],
    ['RECEIVED', head(), 'CREATED', '2026-11-20T12:13:00.000Z'],
    ['UPLOADED', head({ final: true }), 'RECEIVED', null],
    ['REJECTED', head({ seen: wrong }), 'CREATED', '2026-11-27T12:10:00.000Z'],
    ['DELETED', fact('delete', {}), 'UPLOADED', '2026-11-27T12:10:00.000Z'],
    ['ABORTED', fact('abort', {}), 'CREATED', '2026-11-20T13:10:00.000Z'],
    [
      'COMPLETING',
      fact('leaseTaken', { token: 'x', until: '2026-11-20T12:15:00.000Z', uploadId: null }),
      'CREATED',
      '2026-11-20T12:15:00.000Z',
    ],
  ] as const)('lets the reconciler look at %s in time', (state, told, from, dueAt) => {
    expect(transition(recordOf(from), told).record).toMatchObject({ state, dueAt });
  });
});
