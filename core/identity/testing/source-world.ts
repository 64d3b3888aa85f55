import { vi } from 'vitest';
import { createRegistrySource } from '../registry-source.ts';
import { createFakeRegistry } from './fake-registry.ts';

const BUDGET_MS = 1_500;

/** A source over the buckets of two Regions. Run it under fake timers. */
export const start = () => {
  const buckets = createFakeRegistry();
  const source = createRegistrySource({
    fetchDocument: buckets.fetchDocument,
    regions: ['euw1', 'use1', 'apse2'],
    now: () => Date.now(),
  });
  return { buckets, source };
};

/** Lets a request run and tells what it gave and how many milliseconds it took. */
export const ask = async (source: ReturnType<typeof start>['source'], budgetMs = BUDGET_MS) => {
  const startedAt = Date.now();
  let tookMs = -1;
  const answer = source.get(budgetMs).then(
    (registry) => registry.policyVersion,
    (error: unknown) => error,
  );
  const timed = answer.then((value) => {
    tookMs = Date.now() - startedAt;
    return value;
  });
  await vi.advanceTimersByTimeAsync(budgetMs + 500);
  return { answer: await timed, tookMs };
};

/** The clock goes on, as for a frozen instance. */
export const sleep = (ms: number): void => {
  vi.setSystemTime(Date.now() + ms);
};
