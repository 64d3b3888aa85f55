import type { Health } from '../../core/contract/records.ts';
import type { Call, Handle, RouteDeps } from '../call.ts';
import { respondJson } from '../respond.ts';

/** `GET /v1/health`: the gate runs and can read its configuration. */
export const health = ({ version }: RouteDeps): Handle<Call> => {
  const answer: Health = { status: 'ok', version };
  return () => respondJson(200, answer);
};
