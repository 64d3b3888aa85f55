import type { IssuerEntry } from '../../../core/contract/issuer-entry.ts';
import { EXIT } from '../../exit.ts';
import { diffIssuers } from '../diff/diff-issuers.ts';
import type { FolderFault } from '../lint/entry-file.ts';
import { type LintedFolder, lintFolder } from '../lint/lint-folder.ts';
import { at } from '../lint/peek.ts';
import { survey } from '../registry/survey.ts';
import { printFaults } from './lint.ts';
import type { Operator } from './operator.ts';
import { type Proposal, showProposal, writeProposal } from './write-issuers.ts';

/** Faults that only the deployment shows: an entry whose Regions are all elsewhere lets nobody upload. */
const lintAgainst = (operator: Operator, entries: readonly IssuerEntry[]): readonly FolderFault[] => {
  const deployed = operator.deployment.regions.map(({ code }) => code);
  return entries.flatMap(({ id, limits }) => {
    const missing = limits.regions.filter((code) => !deployed.includes(code));
    if (missing.length > 0 && missing.length < limits.regions.length) {
      operator.output.notice(`${id}: ${missing.join(', ')} is not deployed here and counts for nothing`);
    }
    if (missing.length < limits.regions.length) return [];
    const message = `names no deployed Region, so nobody could upload: deployed are ${deployed.join(', ')}`;
    return [{ file: `${id}.json`, path: '/limits/regions', message }];
  });
};

const propose = async (operator: Operator, entries: readonly IssuerEntry[]): Promise<Proposal> => {
  const shown = await survey(operator.deployment.regions);
  const live = shown.merged.newest?.document.issuers ?? [];
  const inFolder = (raw: unknown): boolean =>
    entries.some(({ id, issuer }) => id === at(raw, 'id') || issuer === at(raw, 'issuer'));
  const kept = live.filter((raw) => operator.deployment.keeps(raw) && !inFolder(raw));
  if (kept.length > 0) {
    operator.output.notice(`the local platform keeps its own issuers: ${kept.map((raw) => at(raw, 'id')).join(', ')}`);
  }
  const others = live.filter((raw) => !kept.includes(raw));
  return { shown, issuers: [...kept, ...entries], differences: diffIssuers(others, entries) };
};

/** The folder's entries, or the exit code after its faults were told. */
const readyEntries = (operator: Operator, folder: string): LintedFolder | null => {
  const linted = lintFolder(folder, { allowLoopback: operator.deployment.allowLoopback });
  const faults = [...linted.faults, ...(linted.faults.length > 0 ? [] : lintAgainst(operator, linted.entries))];
  if (faults.length === 0) return linted;
  printFaults(operator, folder, faults);
  return null;
};

/** `issuers diff`: what publishing the folder would change. Exit 1 for faults in the folder. */
export const diff = async (operator: Operator, folder: string): Promise<number> => {
  const linted = readyEntries(operator, folder);
  if (linted === null) return EXIT.failed;
  showProposal(operator, await propose(operator, linted.entries));
  return EXIT.done;
};

/** `issuers publish`: lint, show the difference, ask, write all Regions, read back. */
export const publish = async (
  operator: Operator,
  folder: string,
  { yes, reason }: { readonly yes: boolean; readonly reason: string | null },
): Promise<number> => {
  const linted = readyEntries(operator, folder);
  if (linted === null) return EXIT.failed;
  if (linted.files === 0) {
    operator.output.failure(
      new Error(`${folder} has no *.json: publishing it would remove every issuer; to cut one off use issuers disable`),
    );
    return EXIT.failed;
  }
  return writeProposal(operator, await propose(operator, linted.entries), { action: 'publish', reason, yes });
};
