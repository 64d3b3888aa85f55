import { describe, expect, it } from 'vitest';
import { isUpstreamFault } from './upstream-fault.ts';

const fault = (members: object): Error => Object.assign(new Error('of a service'), members);

describe('a fault of a service', () => {
  it.each([
    ['its time limit', { name: 'TimeoutError' }],
    ['being busy', { name: 'SlowDown' }],
    ['a throttle', { name: 'ProvisionedThroughputExceededException' }],
    ['a broken connection', { code: 'ECONNRESET' }],
    ['a name that does not resolve now', { code: 'EAI_AGAIN' }],
    ['a 500', { $metadata: { httpStatusCode: 500 } }],
    ['a 429 of a name nobody knows', { $metadata: { httpStatusCode: 429 } }],
  ])('is %s', (_, members) => {
    expect(isUpstreamFault(fault(members))).toBe(true);
  });

  it.each([
    ['a refusal', { name: 'AccessDenied', $metadata: { httpStatusCode: 403 } }],
    ['a failed condition', { name: 'ConditionalCheckFailedException', $metadata: { httpStatusCode: 400 } }],
    ['a fault of our own', {}],
  ])('is not %s', (_, members) => {
    expect(isUpstreamFault(fault(members))).toBe(false);
  });

  it('is an error, whatever else was thrown', () => {
    expect(isUpstreamFault({ name: 'TimeoutError' })).toBe(false);
  });
});
