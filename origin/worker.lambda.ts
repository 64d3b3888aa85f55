import { setTimeout as pause } from 'node:timers/promises';
import { parseOriginEnv } from '../core/config/origin.ts';
import { FUNCTIONS } from '../core/config/settings.ts';
import { monotonicClock, wallClock } from './aws/clocks.ts';
import { createOwnCell } from './aws/own-cell.ts';
import type { BatchAnswer, QueueEvent } from './recorder/handle-batch.ts';
import { createPowertools } from './telemetry/powertools.ts';
import { createWorkHandler } from './worker/handle-work.ts';

/** Left for answering the batch, in milliseconds. */
const RESERVE_MS = 10_000;

const telemetry = createPowertools('worker');
const config = parseOriginEnv(process.env);
const { store, objects, parts } = createOwnCell(config);
const handleWork = createWorkHandler({
  store,
  objects,
  parts,
  telemetry,
  region: config.region,
  now: wallClock,
  monotonic: monotonicClock,
  pause: (milliseconds) => pause(milliseconds),
  totalMs: FUNCTIONS.worker.timeoutSeconds * 1_000 - RESERVE_MS,
});

/** Messages of the work queue in, those that must come again out. */
export const handler = async (event: QueueEvent): Promise<BatchAnswer> => {
  const answer = await handleWork(event);
  telemetry.publish();
  return answer;
};
