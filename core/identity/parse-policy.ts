import type { IssuerEntry } from '../contract/issuer-entry.ts';
import type { ProblemFault } from '../contract/problems.ts';
import type { PolicyDocument, Revocations } from '../contract/registry.ts';
import { ENTRY_SHAPE, POLICY_SHAPE } from '../contract/registry-shapes.ts';
import { faultsOfShape } from '../contract/shape.ts';
import { isJsonObject } from './json-bytes.ts';

/** An entry that is switched off because it cannot be read, or because it is not the only one with its name. */
export type FaultyEntry = {
  readonly index: number;
  readonly id: string | null;
  readonly issuer: string | null;
  readonly faults: readonly ProblemFault[];
};

/** `policy.json`, parsed. */
export type Policy = {
  readonly version: number;
  readonly publishedAt: string;
  readonly entries: readonly IssuerEntry[];
  readonly faulty: readonly FaultyEntry[];
  readonly drain: readonly string[];
  readonly revocations: Revocations;
};

export type ParsedPolicy =
  | { readonly ok: true; readonly policy: Policy }
  | { readonly ok: false; readonly faults: readonly ProblemFault[] };

const textMember = (value: unknown, name: string): string | null => {
  const member = isJsonObject(value) ? value[name] : undefined;
  return typeof member === 'string' ? member : null;
};

const countMember = (values: readonly unknown[], name: string): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>();
  for (const value of values) {
    const text = textMember(value, name);
    if (text !== null) counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  return counts;
};

/** Two entries of one id would share keys and records, two of one issuer string would let order decide: neither serves. */
const twinFaults = (value: unknown, ids: ReadonlyMap<string, number>, issuers: ReadonlyMap<string, number>) => {
  const faults: ProblemFault[] = [];
  if ((ids.get(textMember(value, 'id') ?? '') ?? 0) > 1) {
    faults.push({ path: '/id', message: 'is the id of another entry too: give each its own' });
  }
  if ((issuers.get(textMember(value, 'issuer') ?? '') ?? 0) > 1) {
    faults.push({ path: '/issuer', message: 'is the issuer of another entry too: keep one of them' });
  }
  return faults;
};

/**
 * Reads `policy.json` from parsed JSON. A faulty entry, or one of two with the same id or issuer, disables only itself and
 * is listed with every fault; a fault around the entries, also in a revocation, refuses the document, because going on
 * without it could let in who was cut off. Never throws.
 */
export const parsePolicy = (value: unknown): ParsedPolicy => {
  const wrong = faultsOfShape(POLICY_SHAPE, value);
  if (wrong.length > 0) return { ok: false, faults: wrong };
  const document = value as Omit<PolicyDocument, 'issuers'> & { readonly issuers: readonly unknown[] };
  const ids = countMember(document.issuers, 'id');
  const issuers = countMember(document.issuers, 'issuer');
  const entries: IssuerEntry[] = [];
  const faulty: FaultyEntry[] = [];
  for (const [index, raw] of document.issuers.entries()) {
    const faults = [...faultsOfShape(ENTRY_SHAPE, raw), ...twinFaults(raw, ids, issuers)];
    if (faults.length === 0) entries.push(raw as IssuerEntry);
    else faulty.push({ index, id: textMember(raw, 'id'), issuer: textMember(raw, 'issuer'), faults });
  }
  const { version, publishedAt, drain, revocations } = document;
  return { ok: true, policy: { version, publishedAt, entries, faulty, drain, revocations } };
};
