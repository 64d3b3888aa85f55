import { KEYS_ASK_MS } from '../../core/contract/limits.ts';
import type { KeyCopy } from '../../core/identity/parse-keys.ts';

/** The longest a provider that fails is left alone, in milliseconds: so long its recovery may go unnoticed. */
export const PAUSE_MAX_MS = 300_000;

/**
 * How long a provider is left alone, in milliseconds: 30 s if it answered, whatever its cache-control says; after failures longer and
 * longer, 5 minutes at most, and each time by chance, so that many Regions and deployments do not come back to it in step.
 * `random` is in [0, 1). Source: decorrelated jitter (AWS Architecture Blog, "Exponential backoff and jitter").
 */
export const nextPauseMs = (known: KeyCopy | undefined, answered: boolean, random: number): number => {
  if (answered) return KEYS_ASK_MS;
  const last =
    known?.status === 'failing' && known.nextTryAtMs !== null && known.triedAtMs !== null
      ? known.nextTryAtMs - known.triedAtMs
      : KEYS_ASK_MS;
  return Math.round(Math.min(PAUSE_MAX_MS, KEYS_ASK_MS + random * (last * 3 - KEYS_ASK_MS)));
};

/** Whether a provider may be asked now. A moment too far ahead was written under another clock and binds nobody. */
export const isDue = (known: KeyCopy | undefined, jwksUri: string, nowMs: number): boolean => {
  if (known === undefined || known.jwksUri !== jwksUri || known.nextTryAtMs === null) return true;
  return nowMs >= known.nextTryAtMs || known.nextTryAtMs - nowMs > PAUSE_MAX_MS;
};
