import { isIdentityText } from '../../../core/contract/issuer-entry.ts';
import { UsageError } from '../../exit.ts';
import type { Revocation } from '../registry/revocation-list.ts';
import type { KnownKey } from './find-keys.ts';

/** What of an issuer is to be cut off, as it was typed. */
export type Selectors = {
  readonly kid?: string;
  readonly token?: string;
  readonly subject?: string;
  readonly issuedBefore?: string;
};

const THUMBPRINT = /^[A-Za-z0-9_-]{43}$/;
const UTC = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?Z$/;
/** How far ahead a moment may lie: clocks differ, and nobody means next year. */
const AHEAD_MS = 60_000;

/** A moment as ISO 8601 with milliseconds; `now` is one too. Throws `UsageError`. */
export const parseMoment = (text: string, nowMs: number, option: string): string => {
  if (text === 'now') return new Date(nowMs).toISOString();
  const ms = UTC.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(ms)) throw new UsageError(`${option} takes a time in UTC such as 2026-11-21T08:00:00Z, or now`);
  return new Date(ms).toISOString();
};

const beforeMoment = (text: string, nowMs: number): string => {
  const before = parseMoment(text, nowMs, '--issued-before');
  if (Date.parse(before) > nowMs + AHEAD_MS) throw new UsageError(`--issued-before ${text} lies in the future`);
  return before;
};

const thumbprintsOf = (kid: string, keys: readonly KnownKey[]): readonly string[] => {
  const named = keys.filter((key) => key.kid === kid).map(({ thumbprint }) => thumbprint);
  if (named.length > 0) return [...new Set(named)];
  if (THUMBPRINT.test(kid)) return [kid];
  const known = keys.length === 0 ? 'it has no keys now' : `its keys are ${keys.map((key) => key.kid).join(', ')}`;
  throw new UsageError(
    `no Region knows a key ${JSON.stringify(kid)} of it (${known}); give the key's RFC 7638 thumbprint instead`,
  );
};

const identityText = (text: string, option: string): string => {
  if (!isIdentityText(text)) throw new UsageError(`${option} takes 1 to 255 characters without controls`);
  return text;
};

/** Whether anything is selected at all. */
export const selectsAnything = ({ kid, token, subject, issuedBefore }: Selectors): boolean =>
  [kid, token, subject, issuedBefore].some((selector) => selector !== undefined);

/**
 * The revocations that selectors stand for. A key is named by its kid, which stands for every key the issuer has under it, or by its
 * thumbprint. Throws `UsageError` for what cannot be meant.
 */
export const selectRevocations = (
  selectors: Selectors,
  facts: {
    readonly issuer: string;
    readonly reason: string;
    readonly nowMs: number;
    readonly keys: readonly KnownKey[];
  },
): readonly Revocation[] => {
  const { issuer, reason, nowMs, keys } = facts;
  const { kid, token, subject, issuedBefore } = selectors;
  const common = { issuer, reason, at: new Date(nowMs).toISOString() };
  const revocations: Revocation[] = [];
  if (kid !== undefined) {
    for (const thumbprint of thumbprintsOf(kid, keys))
      revocations.push({ list: 'kids', item: { ...common, thumbprint } });
  }
  if (token !== undefined) {
    revocations.push({ list: 'tokens', item: { ...common, jti: identityText(token, '--token') } });
  }
  if (subject !== undefined) {
    revocations.push({ list: 'subjects', item: { ...common, subject: identityText(subject, '--subject') } });
  }
  if (issuedBefore !== undefined) {
    revocations.push({ list: 'issuedBefore', item: { ...common, before: beforeMoment(issuedBefore, nowMs) } });
  }
  return revocations;
};
