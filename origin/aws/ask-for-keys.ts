import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { ORIGIN_METRICS } from '../../core/config/metrics.ts';
import type { KeysAskedEvent } from '../../core/contract/events.ts';
import { KEYS_ASK_BUDGET_MS, KEYS_ASK_MS } from '../../core/contract/limits.ts';
import { createAskLimiter } from '../../core/identity/ask-limiter.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';

/** Asks the own Region's refresher for an issuer's keys, in at most 250 ms. A hint: never rejects. */
export type AskForKeys = (issuerId: string) => Promise<void>;

/** The ask over the FIFO queue: once in 30 s for an issuer, by this instance and, as the queue drops repetitions, by all. */
export const createAskForKeys = (deps: {
  readonly client: Pick<SQSClient, 'send'>;
  readonly queueUrl: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly telemetry: Telemetry;
}): AskForKeys => {
  const { client, queueUrl, now, telemetry } = deps;
  const mayAsk = createAskLimiter(now);
  return async (issuer) => {
    if (!mayAsk(issuer)) return;
    const event: KeysAskedEvent = { v: 1, type: 'keys.asked', issuer };
    const command = new SendMessageCommand({
      QueueUrl: queueUrl,
      MessageBody: JSON.stringify(event),
      MessageGroupId: issuer,
      MessageDeduplicationId: `${issuer}-${Math.floor(now() / KEYS_ASK_MS)}`,
    });
    const keyAsk = await client.send(command, { abortSignal: AbortSignal.timeout(KEYS_ASK_BUDGET_MS) }).then(
      () => 'sent',
      (error: unknown) => {
        telemetry.log.warn('asking for keys failed', { issuer, reason: String(error) });
        return 'failed';
      },
    );
    telemetry.measure.count(ORIGIN_METRICS.keyAsks, { issuer, keyAsk });
  };
};
