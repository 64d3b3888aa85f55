import type { KeysAskedEvent } from '../core/contract/events.ts';
import { KEYS_ASK_BUDGET_MS, KEYS_ASK_MS } from '../core/contract/limits.ts';
import type { Call } from './call.ts';

/**
 * Asks the refresher of the Region whose keys were read for an issuer's keys, within 250 ms: once in 30 s by this instance, and once by all, for
 * the queue drops the rest. A hint only: whatever becomes of it is noted, and the answer is the same. Never rejects.
 */
export const askForKeys = async (
  { runtime, notes, budget }: Pick<Call, 'runtime' | 'notes' | 'budget'>,
  issuerId: string,
  nowMs: number,
): Promise<void> => {
  const { config, registry, mayAsk, sendMessage } = runtime;
  const region = config.regions[registry.state().keysRegion ?? ''];
  const timeoutMs = Math.min(KEYS_ASK_BUDGET_MS, budget.left());
  if (region === undefined || timeoutMs < 1 || !mayAsk(issuerId)) return;
  const event: KeysAskedEvent = { v: 1, type: 'keys.asked', issuer: issuerId };
  try {
    await sendMessage(region, region.refreshQueueUrl, event, timeoutMs, {
      MessageGroupId: issuerId,
      MessageDeduplicationId: `${issuerId}-${Math.floor(nowMs / KEYS_ASK_MS)}`,
    });
    notes.keyAsk = 'sent';
  } catch (error) {
    notes.keyAsk = 'failed';
    notes.keyAskError = error instanceof Error ? error.message : String(error);
  }
};
