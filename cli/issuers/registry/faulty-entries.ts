import { parseIssuerEntry } from '../../../core/contract/issuer-entry.ts';
import type { ProblemFault } from '../../../core/contract/problems.ts';
import { parsePolicy } from '../../../core/identity/parse-policy.ts';
import type { StoredPolicy } from './region.ts';

/** A published entry that lets nobody in. */
export type FaultyEntry = {
  /** Its id, or its place in the list. */
  readonly name: string;
  readonly faults: readonly ProblemFault[];
};

const inWords = (raw: unknown, { path, message }: ProblemFault): ProblemFault => {
  const parsed = parseIssuerEntry(raw);
  const better = parsed.ok ? undefined : parsed.faults.find((fault) => fault.path === path);
  return better ?? { path, message };
};

/** The entries of a policy that the gate leaves out, with what is wrong in the words of `issuers lint`. */
export const faultyEntries = (policy: StoredPolicy): readonly FaultyEntry[] => {
  const parsed = parsePolicy(policy);
  if (!parsed.ok) return [];
  return parsed.policy.faulty.map(({ id, index, faults }) => ({
    name: id ?? String(index),
    faults: faults.map((fault) => inWords(policy.issuers[index], fault)),
  }));
};

/** The faults of an entry on one line. */
export const faultsInWords = ({ faults }: FaultyEntry): string =>
  faults.map(({ path, message }) => `${path} ${message}`).join('; ');
