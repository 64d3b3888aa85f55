import { IDEMPOTENCY_KEY_LENGTH } from '../core/contract/limits.ts';
import { Problem } from '../core/contract/problems.ts';
import { HEADERS } from '../core/contract/routes.ts';
import { type GateRequest, headerValues } from './request.ts';

const { min, max } = IDEMPOTENCY_KEY_LENGTH;
const KEY = new RegExp(`^[\\x20-\\x7e]{${min},${max}}$`);

/** The request's Idempotency-Key; `null` without one. Throws `idempotency_key_invalid`. */
export const readIdempotencyKey = (request: GateRequest): string | null => {
  const [key, ...others] = headerValues(request, HEADERS.idempotencyKey);
  if (key === undefined) return null;
  if (others.length > 0) throw new Problem('idempotency_key_invalid', 'Send one Idempotency-Key, not several.');
  if (KEY.test(key)) return key;
  throw new Problem(
    'idempotency_key_invalid',
    `Send an Idempotency-Key of ${min} to ${max} printable ASCII characters, such as a UUID.`,
  );
};
