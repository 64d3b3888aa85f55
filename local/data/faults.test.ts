import { expect, it } from 'vitest';
import { createFaults, parseFaultRule } from './faults.ts';

const put = { service: 'dynamodb', region: 'eu-west-1', action: 'PutItem', resource: 't' } as const;

it('is met as often as it says, by what fits it alone', () => {
  const faults = createFaults();
  faults.add({ service: 'dynamodb', action: 'PutItem', mode: 'fail', count: 2 });
  expect(faults.take({ ...put, action: 'GetItem' })).toBeUndefined();
  expect(faults.take({ ...put, service: 'sqs' })).toBeUndefined();
  expect(faults.take(put)?.mode).toBe('fail');
  expect(faults.take(put)?.mode).toBe('fail');
  expect(faults.take(put)).toBeUndefined();
});

it('is met in the order added, and can be cleared', () => {
  const faults = createFaults();
  faults.add({ service: 'dynamodb', mode: 'delay' });
  faults.add({ service: 'dynamodb', mode: 'drop' });
  expect(faults.take(put)?.mode).toBe('delay');
  faults.clear();
  expect(faults.take(put)).toBeUndefined();
});

it.each([
  [null, 'a fault is an object'],
  [{ service: 's3', mode: 'fail' }, 'service is sqs or dynamodb'],
  [{ service: 'sqs', mode: 'explode' }, 'mode is one of fail, delay, drop, hang'],
  [{ service: 'sqs', mode: 'fail', count: 1.5 }, 'count is a whole number'],
  [{ service: 'sqs', mode: 'fail', region: 1 }, 'region is a string'],
])('%j is refused: %s', (value, sentence) => {
  expect(parseFaultRule(value)).toBe(sentence);
});

it('is read as it stands when it is right', () => {
  const rule = { service: 'sqs', mode: 'delay', delayMs: 5, resource: 'q' };
  expect(parseFaultRule(rule)).toEqual(rule);
});
