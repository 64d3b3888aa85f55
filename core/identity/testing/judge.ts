import { readAuthorization } from '../authorization-header.ts';
import type { Registry } from '../registry.ts';
import { verifyToken } from '../verify-token.ts';
import { NOW_MS } from './issuers.ts';

/** All that stands between a header and a principal: the class of the refusal, or `accepted`. */
export const judge = async (registry: Registry, token: string): Promise<string> => {
  const read = readAuthorization([`Bearer ${token}`]);
  if (!read.ok) return read.reason;
  const verification = await verifyToken(read.token, registry, NOW_MS);
  return verification.ok ? 'accepted' : verification.reason;
};
