import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { describe, expect, it, vi } from 'vitest';
import { NOW_MS } from '../../core/identity/testing/issuers.ts';
import { SILENT } from '../telemetry/telemetry.ts';
import { createAskForKeys } from './ask-for-keys.ts';

const QUEUE = 'https://sqs.eu-west-1.amazonaws.com/123456789012/nearput-prod-refresh.fifo';

const start = (fails: boolean) => {
  const client = new SQSClient({ region: 'eu-west-1' });
  const sent: unknown[] = [];
  vi.spyOn(client, 'send').mockImplementation(async (command) => {
    if (command instanceof SendMessageCommand) sent.push(command.input);
    if (fails) throw new Error('down');
  });
  const counts: unknown[] = [];
  const measure = { ...SILENT.measure, count: (...count: unknown[]) => void counts.push(count) };
  const clock = { now: NOW_MS };
  const askForKeys = createAskForKeys({
    client,
    queueUrl: QUEUE,
    now: () => clock.now,
    telemetry: { ...SILENT, measure },
  });
  return { askForKeys, sent, counts, clock };
};

describe('asking for keys', () => {
  it('sends one message for an issuer in 30 s', async () => {
    const { askForKeys, sent, counts, clock } = start(false);
    for (let time = 0; time < 100; time += 1) await askForKeys('acme');
    expect(sent).toEqual([
      {
        QueueUrl: QUEUE,
        MessageBody: '{"v":1,"type":"keys.asked","issuer":"acme"}',
        MessageGroupId: 'acme',
        // 2026-11-21T00:00:00Z in halves of minutes since 1970.
        MessageDeduplicationId: 'acme-59840640',
      },
    ]);
    expect(counts).toEqual([['KeyAsks', { issuer: 'acme', keyAsk: 'sent' }]]);
    clock.now += 30_000;
    await askForKeys('acme');
    expect(sent).toHaveLength(2);
  });

  it('takes a queue that fails for no reason to fail', async () => {
    const { askForKeys, counts } = start(true);
    await expect(askForKeys('acme')).resolves.toBeUndefined();
    expect(counts).toEqual([['KeyAsks', { issuer: 'acme', keyAsk: 'failed' }]]);
  });
});
