import { LOG_VALUE_MAX_LENGTH } from '../../core/contract/limits.ts';

/** A value nobody has verified, fit for a log line: printable ASCII, cut at 64 characters. */
export const escapeUnverified = (value: string): string =>
  JSON.stringify(value.slice(0, LOG_VALUE_MAX_LENGTH))
    .slice(1, -1)
    .replace(/[^\x20-\x7e]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .slice(0, LOG_VALUE_MAX_LENGTH);
