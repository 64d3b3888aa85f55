import { KEYS_ASK_MS } from '../contract/limits.ts';

/** Asks of one instance within 30 s, for all issuers together. */
const ASKS_MAX = 8;

/** Whether this instance may ask the refresher for an issuer's keys now; a yes is counted. */
export type MayAsk = (issuerId: string) => boolean;

/** At most one ask for an issuer and eight in all within 30 s. `now` is milliseconds since 1970. */
export const createAskLimiter = (now: () => number): MayAsk => {
  const askedAtMs = new Map<string, number>();
  return (issuerId) => {
    const time = now();
    for (const [id, at] of askedAtMs) if (Math.abs(time - at) >= KEYS_ASK_MS) askedAtMs.delete(id);
    if (askedAtMs.has(issuerId) || askedAtMs.size >= ASKS_MAX) return false;
    askedAtMs.set(issuerId, time);
    return true;
  };
};
