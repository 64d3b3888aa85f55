import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createClock } from '../support/clock.ts';
import { type Schedule, startSchedule } from './schedule.ts';

beforeEach(() => {
  vi.useFakeTimers({ now: Date.UTC(2026, 0, 1) });
});
let schedule: Schedule | null = null;
afterEach(() => {
  schedule?.stop();
  vi.useRealTimers();
});

function start(clock = createClock(), result = true) {
  const events: unknown[] = [];
  const lines: string[] = [];
  schedule = startSchedule({
    name: 'refresher',
    everySeconds: 60,
    account: '000000000000',
    region: 'eu-west-1',
    clock,
    log: (line) => lines.push(line),
    target: {
      invoke: async (event) => {
        events.push(event);
        return result ? { ok: true, payload: null } : { ok: false, kind: 'error', message: 'broken' };
      },
    },
  });
  return { events, lines, clock };
}

it('runs once a minute', async () => {
  const { events } = start();
  await vi.advanceTimersByTimeAsync(59_000);
  expect(events).toHaveLength(0);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(events).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(120_000);
  expect(events).toHaveLength(3);
});

it('runs at once, and once, when the clock is moved past the next time, and when it is moved back', async () => {
  const { events, clock } = start();
  clock.setOffset(3_600);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(events).toHaveLength(1);
  clock.setOffset(0);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(events).toHaveLength(2);
  await vi.advanceTimersByTimeAsync(30_000);
  expect(events).toHaveLength(2);
});

it('sends EventBridge’s event with the platform’s time', async () => {
  const { events, clock } = start();
  clock.setOffset(86_400);
  expect(await schedule?.fire()).toBe(true);
  expect(events[0]).toMatchObject({
    version: '0',
    'detail-type': 'Scheduled Event',
    source: 'aws.events',
    account: '000000000000',
    time: '2026-01-02T00:00:00Z',
    region: 'eu-west-1',
    resources: ['arn:aws:events:eu-west-1:000000000000:rule/refresher'],
    detail: {},
  });
});

it('says when its target fails', async () => {
  const { lines } = start(createClock(), false);
  expect(await schedule?.fire()).toBe(false);
  expect(lines).toEqual(['schedule refresher: error: broken']);
});
