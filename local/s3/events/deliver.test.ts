import { expect, test } from 'vitest';
import type { EventRecord } from '../store/records.ts';
import { createDeliverer, type DeliverDeps, type Message } from './deliver.ts';

const event = (id: string): EventRecord => ({
  id,
  name: 'ObjectCreated:Put',
  bucket: 'b',
  ruleId: 'r',
  key: 'k',
  size: 1,
  etag: 'e',
  versionId: null,
  sequencer: '00',
  time: 0,
  requestId: '',
  hostId: '',
  principal: '',
  sourceIp: '',
});

function deliverTo(send: DeliverDeps['send'], more: Partial<DeliverDeps> = {}) {
  const settled: string[] = [];
  const deliverer = createDeliverer({
    compose: ({ id }) => ({ id, queueUrl: 'http://q/0/q', body: id }),
    send,
    settle: (id) => settled.push(id),
    random: () => 0,
    options: { minDelayMs: 0, maxDelayMs: 0, duplicateRate: 0, resendWindowMs: 0 },
    ...more,
  });
  return { deliverer, settled };
}

const ids = (messages: readonly Message[]): Set<string> => new Set(messages.map(({ id }) => id));

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 500 && !condition(); i++) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(condition()).toBe(true);
}

test('sends at most ten messages at once and settles each when it arrived', async () => {
  const sizes: number[] = [];
  const { deliverer, settled } = deliverTo(async (_, messages) => {
    sizes.push(messages.length);
    return ids(messages);
  });
  for (let i = 0; i < 95; i++) deliverer.add(event(String(i)));
  await until(() => settled.length === 95);
  expect(Math.max(...sizes)).toBe(10);
  expect(new Set(settled).size).toBe(95);
  expect(deliverer.pending()).toBe(0);
});

test('sends together what comes one after the other, so that a spike is few requests', async () => {
  const sizes: number[] = [];
  const { deliverer, settled } = deliverTo(async (_, messages) => {
    sizes.push(messages.length);
    return ids(messages);
  });
  for (let i = 0; i < 30; i++) {
    deliverer.add(event(String(i)));
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  await until(() => settled.length === 30);
  expect(sizes[0]).toBe(1); // the first waits for nobody
  expect(sizes.length).toBeLessThanOrEqual(10);
});

test('sends again what did not arrive, and only that', async () => {
  const sent: string[] = [];
  let calls = 0;
  const { deliverer, settled } = deliverTo(async (_, messages) => {
    calls += 1;
    sent.push(...messages.map(({ id }) => id));
    if (calls === 1) throw new Error('queue away');
    return calls === 2 ? new Set(['a']) : ids(messages);
  });
  deliverer.add(event('a'));
  deliverer.add(event('b'));
  await until(() => settled.length === 2);
  expect(sent).toEqual(['a', 'b', 'a', 'b', 'b']);
});

test('sends twice where duplicates are asked for, never a third time', async () => {
  const sent: string[] = [];
  const { deliverer, settled } = deliverTo(async (_, messages) => {
    sent.push(...messages.map(({ id }) => id));
    return ids(messages);
  });
  deliverer.configure({ duplicateRate: 1 });
  deliverer.add(event('a'));
  await until(() => settled.length === 1);
  expect(sent).toEqual(['a', 'a']);
});

test('drops what has no rule any more', async () => {
  const { deliverer, settled } = deliverTo(async () => new Set(), { compose: () => null });
  deliverer.add(event('a'));
  await until(() => settled.length === 1);
});

test('keeps to the delay', async () => {
  const started = performance.now();
  let arrivedAfter = 0;
  const { deliverer, settled } = deliverTo(
    async (_, messages) => {
      arrivedAfter = performance.now() - started;
      return ids(messages);
    },
    { random: () => 0.5, options: { minDelayMs: 100, maxDelayMs: 300, duplicateRate: 0, resendWindowMs: 0 } },
  );
  deliverer.add(event('a'));
  await until(() => settled.length === 1);
  expect(arrivedAfter).toBeGreaterThan(195);
});

test('sends nothing after it was stopped', async () => {
  let calls = 0;
  const { deliverer } = deliverTo(async () => {
    calls += 1;
    return new Set();
  });
  deliverer.add(event('a'));
  await deliverer.stop();
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(calls).toBe(0);
});
