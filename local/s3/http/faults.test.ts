import { describe, expect, test } from 'vitest';
import type { Reply } from './call.ts';
import { createFaults, type FaultRule, parseFaultRule } from './faults.ts';

const TARGET = { region: 'eu-west-1', action: 'CompleteMultipartUpload', resource: 'bucket-eu' };
const rule = (more: Partial<FaultRule> & Pick<FaultRule, 'mode'>): FaultRule => ({ service: 's3', ...more });

function acting() {
  const acts: string[] = [];
  const act = async (): Promise<Reply> => {
    acts.push('acted');
    return { status: 200, headers: {}, body: 'done' };
  };
  return { acts, act };
}

describe('a fault', () => {
  test('is met as often as it says, then no more', async () => {
    const [faults, { act }] = [createFaults(), acting()];
    faults.add(rule({ mode: 'fail', count: 2 }));
    for (let i = 0; i < 2; i++) {
      await expect(faults.around(TARGET, act)).rejects.toMatchObject({ code: 'SlowDown', status: 503 });
    }
    expect(await faults.around(TARGET, act)).toMatchObject({ body: 'done' });
  });

  test('is met only where it fits, and not after it was cleared', async () => {
    const [faults, { act }] = [createFaults(), acting()];
    for (const elsewhere of [{ region: 'us-east-1' }, { action: 'UploadPart' }, { resource: 'other' }]) {
      faults.add(rule({ mode: 'fail', ...elsewhere }));
    }
    expect(await faults.around(TARGET, act)).toMatchObject({ body: 'done' });
    faults.add(rule({ mode: 'fail', ...TARGET }));
    faults.clear();
    expect(await faults.around(TARGET, act)).toMatchObject({ body: 'done' });
  });

  test('that fails says what it was told to', async () => {
    const [faults, { acts, act }] = [createFaults(), acting()];
    faults.add(rule({ mode: 'fail', status: 500, code: 'InternalError' }));
    await expect(faults.around(TARGET, act)).rejects.toMatchObject({ code: 'InternalError', status: 500 });
    expect(acts).toEqual([]);
  });

  test.each([
    ['error-in-200', 0],
    ['lie-in-200', 1],
  ] as const)('%s answers 200 with an error', async (mode, times) => {
    const [faults, { acts, act }] = [createFaults(), acting()];
    faults.add(rule({ mode }));
    const reply = await faults.around(TARGET, act);
    expect(reply).toMatchObject({ status: 200, body: expect.stringContaining('<Code>InternalError</Code>') });
    expect(acts).toHaveLength(times);
  });

  test('that drops acts and gives no answer; one that delays acts later', async () => {
    const [faults, { acts, act }] = [createFaults(), acting()];
    faults.add(rule({ mode: 'drop' }));
    faults.add(rule({ mode: 'delay', delayMs: 20 }));
    expect(await faults.around(TARGET, act)).toBeNull();
    const delayed = faults.around(TARGET, act);
    expect(acts).toHaveLength(1);
    expect(await delayed).toMatchObject({ body: 'done' });
  });

  test.each([
    [{ service: 'sqs', mode: 'fail' }, 'service is s3'],
    [{ service: 's3', mode: 'explode' }, /^mode is one of/],
    [{ service: 's3', mode: 'fail', action: 1 }, 'action is a string'],
    [{ service: 's3', mode: 'fail', count: 1.5 }, 'count is a whole number'],
    [null, 'a fault is an object'],
  ])('%j is refused with the reason', (value, reason) => {
    const said = parseFaultRule(value);
    if (typeof reason === 'string') expect(said).toBe(reason);
    else expect(said).toMatch(reason);
  });
});
