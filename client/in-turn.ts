import type { TurnEnd } from './adaptive-limit.ts';
import type { Job } from './job.ts';
import { PAUSED } from './pause.ts';
import { isStrain } from './retry.ts';

/** Runs one request when the limit lets it and the upload is not paused. A pause cuts it; after the pause it runs again. */
export const inTurn = async <Value>(
  { pause, limit, signal }: Pick<Job, 'pause' | 'limit' | 'signal'>,
  request: (signal: AbortSignal) => Promise<Value>,
): Promise<Value> => {
  for (;;) {
    await pause.running(signal);
    const ended = await limit.take(signal);
    let end: TurnEnd = 'failed';
    try {
      const value = await request(pause.during(signal));
      end = 'done';
      return value;
    } catch (error) {
      if (isStrain(error)) end = 'strained';
      if (error !== PAUSED) throw error;
    } finally {
      ended(end);
    }
  }
};
