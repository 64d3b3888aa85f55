import { parseOriginEnv } from '../core/config/origin.ts';
import { FUNCTIONS } from '../core/config/settings.ts';
import { wallClock } from './aws/clocks.ts';
import { createOwnCell } from './aws/own-cell.ts';
import { type BatchAnswer, createBatchHandler, type QueueEvent } from './recorder/handle-batch.ts';
import { createPowertools } from './telemetry/powertools.ts';

/** Left for answering the batch, in milliseconds. */
const RESERVE_MS = 5_000;

const telemetry = createPowertools('recorder');
const config = parseOriginEnv(process.env);
const { store, objects } = createOwnCell(config);
const handleBatch = createBatchHandler({
  store,
  objects,
  region: config.region,
  bucket: config.bucket,
  now: wallClock,
  telemetry,
  messageMs: FUNCTIONS.recorder.timeoutSeconds * 1_000 - RESERVE_MS,
});

/** Events of the cell's queue in, the messages that must come again out. */
export const handler = async (event: QueueEvent): Promise<BatchAnswer> => {
  const answer = await handleBatch(event);
  telemetry.publish();
  return answer;
};
