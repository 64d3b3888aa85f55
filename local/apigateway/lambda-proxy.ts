import type { LambdaFunction } from '../lambda/host.ts';
import { proxyAnswer } from './proxy-answer.ts';
import { type ApiIdentity, proxyEvent } from './proxy-event.ts';
import { GATEWAY_REFUSALS } from './refusals.ts';
import type { Integration } from './types.ts';

/**
 * The Lambda proxy integration. A function that throws, dies, is out of time or memory, or answers in another form is 502;
 * a throttled one 500; an event beyond Lambda's 6 MB 413.
 */
export const lambdaProxy = (lambda: Pick<LambdaFunction, 'invoke'>, api: ApiIdentity): Integration => {
  return async (request) => {
    const result = await lambda.invoke(proxyEvent(request, api));
    if (result.ok) return proxyAnswer(result.payload);
    if (result.kind === 'throttled') return GATEWAY_REFUSALS.integrationFailure(result.message);
    if (result.message.startsWith('RequestEntityTooLarge')) return GATEWAY_REFUSALS.requestTooLong(result.message);
    return GATEWAY_REFUSALS.badGateway(`${result.kind}: ${result.message}`);
  };
};
