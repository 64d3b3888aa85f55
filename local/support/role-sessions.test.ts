import { describe, expect, it } from 'vitest';
import { createSessionStore, type SessionRole, sessionAt } from './role-sessions.ts';

const MINUTE = 60_000;
/** Sessions of six hours follow each other every 350 minutes; this is the start of one. */
const SINCE = Date.parse('2026-01-01T00:00:00Z');
const START = SINCE + 5_000 * 350 * MINUTE;
const LIFE = 360 * MINUTE;
const DAY = 1_440 * MINUTE;

const GATE: SessionRole = {
  role: 'gate',
  secret: 'a',
  statements: [{ actions: ['s3:PutObject'], resources: ['*'] }],
};
const API: SessionRole = { ...GATE, role: 'euw1/api' };

describe('a session', () => {
  it('has AWS’s shape, the role’s rights, and an end six hours after its start', () => {
    expect(sessionAt(GATE, SINCE, START)).toEqual({
      accessKeyId: expect.stringMatching(/^ASIA[A-Z2-7]{16}$/),
      secretAccessKey: expect.stringMatching(/^[A-Za-z0-9+/]{40}$/),
      sessionToken: expect.stringMatching(/^IQoJb3JpZ2luX2Vj[A-Za-z0-9+/]{562}==$/),
      role: 'gate',
      statements: GATE.statements,
      startsAt: START,
      expiresAt: START + LIFE,
    });
  });

  it('is derived by HKDF: the values are those of another implementation', () => {
    const role = { ...GATE, secret: 'q8dfJc0S1qyaJ8vDgMaeRZkM6n5hpQkL5t1d0yTz0oE=' };
    expect(sessionAt(role, SINCE, SINCE)).toMatchObject({
      accessKeyId: 'ASIAKCRWFUA2BFMXXENQ',
      secretAccessKey: 'Pm1FE1txHeakfI89X5uIfUtFSm9db+A2BQEqgIzo',
    });
  });

  it('is the same for all of 350 minutes, wherever and whenever it is asked for', () => {
    expect(sessionAt({ ...GATE }, SINCE, START + 350 * MINUTE - 1)).toEqual(sessionAt(GATE, SINCE, START));
  });

  it('is followed by another ten minutes before its end', () => {
    const [first, next] = [sessionAt(GATE, SINCE, START), sessionAt(GATE, SINCE, START + 350 * MINUTE)];
    expect(first.expiresAt - next.startsAt).toBe(10 * MINUTE);
    for (const name of ['accessKeyId', 'secretAccessKey', 'sessionToken'] as const) {
      expect(next[name]).not.toBe(first[name]);
    }
  });

  it.each([
    ['role', API],
    ['secret', { ...GATE, secret: 'b' }],
  ])('is another for another %s', (_, role) => {
    expect(sessionAt(role, SINCE, START).accessKeyId).not.toBe(sessionAt(GATE, SINCE, START).accessKeyId);
    expect(sessionAt(role, SINCE, START).secretAccessKey).not.toBe(sessionAt(GATE, SINCE, START).secretAccessKey);
    expect(sessionAt(role, SINCE, START).sessionToken).not.toBe(sessionAt(GATE, SINCE, START).sessionToken);
  });
});

describe('the store', () => {
  let now = START;
  const store = createSessionStore({ since: SINCE, roles: [GATE, API] }, () => now);
  const idAt = (time: number, role = GATE): string => sessionAt(role, SINCE, time).accessKeyId;

  it('finds every role’s present session and the next, whichever clock is a little ahead', () => {
    now = START;
    expect(store.find(idAt(now))).toMatchObject({ role: 'gate', expiresAt: START + LIFE });
    expect(store.find(idAt(now, API))).toMatchObject({ role: 'euw1/api' });
    expect(store.find(idAt(START + 350 * MINUTE))).toMatchObject({ expiresAt: START + 350 * MINUTE + LIFE });
    expect(store.find(idAt(START + 700 * MINUTE))).toBeUndefined();
  });

  it('still knows sessions that ended, for the seven days that a URL can live', () => {
    now = START + 7 * DAY;
    expect(store.find(idAt(START))).toMatchObject({ expiresAt: START + LIFE });
    now = START + 9 * DAY;
    expect(store.find(idAt(START))).toBeUndefined();
  });

  it('keeps a session the same object when time goes on, so that what is derived from it is kept too', () => {
    now = START;
    const first = store.find(idAt(START));
    now = START + 351 * MINUTE;
    expect(store.find(idAt(START))).toBe(first);
  });

  it('goes back with the clock', () => {
    now = START + 30 * DAY;
    expect(store.find(idAt(START))).toBeUndefined();
    now = START;
    expect(store.find(idAt(START))).toBeDefined();
  });

  it('knows nobody else', () => {
    expect(store.find('ASIAAAAAAAAAAAAAAAAA')).toBeUndefined();
    expect(createSessionStore({ since: SINCE, roles: [] }, () => START).find(idAt(START))).toBeUndefined();
  });
});
