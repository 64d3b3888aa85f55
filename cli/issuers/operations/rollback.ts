import * as v from 'valibot';
import { type IssuerEntry, parseIssuerEntry } from '../../../core/contract/issuer-entry.ts';
import { PolicyDocumentSchema, REGISTRY_KEYS } from '../../../core/contract/registry.ts';
import { EXIT } from '../../exit.ts';
import { diffIssuers } from '../diff/diff-issuers.ts';
import { lintMeaning } from '../lint/entry-rules.ts';
import { reasonOf } from '../registry/read-regions.ts';
import type { RegistryRegion, StoredPolicy } from '../registry/region.ts';
import { survey } from '../registry/survey.ts';
import type { Operator } from './operator.ts';
import { writeProposal } from './write-issuers.ts';

const findIn = async (region: RegistryRegion, version: number): Promise<StoredPolicy | undefined> => {
  for await (const body of region.store.history(REGISTRY_KEYS.policy)) {
    const parsed = v.safeParse(PolicyDocumentSchema, JSON.parse(body));
    if (parsed.success && parsed.output.version === version) return parsed.output;
  }
  return undefined;
};

/** An old version from the first Region that still has it. */
const findVersion = async (operator: Operator, version: number): Promise<StoredPolicy | undefined> => {
  for (const region of operator.deployment.regions) {
    try {
      const found = await findIn(region, version);
      if (found !== undefined) return found;
    } catch (error) {
      operator.output.notice(`${region.code} could not be searched: ${reasonOf(error)}`);
    }
  }
  return undefined;
};

/** Old entries may break rules that came later; that is said and does not stop anybody who must go back. */
const warn = (operator: Operator, entries: readonly IssuerEntry[]): void => {
  for (const entry of entries) {
    for (const { path, message } of lintMeaning(entry))
      operator.output.notice(`warning: ${entry.id} ${path} ${message}`);
  }
};

/**
 * `issuers rollback VERSION`: the entries of an old version under a new, higher one. Drained Regions and revocations stay as they are:
 * going back never lets anybody in again who was cut off.
 */
export const rollback = async (
  operator: Operator,
  version: number,
  { yes, reason }: { readonly yes: boolean; readonly reason: string | null },
): Promise<number> => {
  const old = await findVersion(operator, version);
  if (old === undefined) {
    operator.output.failure(new Error(`no Region has a version ${version}; issuers status tells the last changes`));
    return EXIT.failed;
  }
  const entries = old.issuers.flatMap((raw) => {
    const parsed = parseIssuerEntry(raw);
    return parsed.ok ? [parsed.entry] : [];
  });
  warn(operator, entries);
  const shown = await survey(operator.deployment.regions);
  const differences = diffIssuers(shown.merged.newest?.document.issuers ?? [], entries);
  const why = `to version ${version}${reason === null ? '' : `: ${reason}`}`;
  return writeProposal(
    operator,
    { shown, issuers: old.issuers, differences },
    { action: 'rollback', reason: why, yes },
  );
};
