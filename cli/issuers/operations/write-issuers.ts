import { EXIT } from '../../exit.ts';
import { type Difference, formatDifference } from '../diff/difference.ts';
import type { AuditedAction } from '../registry/audit.ts';
import { stateInWords, writeShown } from '../registry/change-registry.ts';
import { converge } from '../registry/converge.ts';
import { heldOf } from '../registry/read-regions.ts';
import { describeRevocation, missingFrom, revocationsOf } from '../registry/revocation-list.ts';
import type { Survey } from '../registry/survey.ts';
import { depsOf, type Operator, print } from './operator.ts';
import { holdsNewest, type RegionReport, reportRegions } from './report.ts';

/** A new set of entries, beside what is published. */
export type Proposal = {
  readonly shown: Survey;
  /** As they are to be stored: parsed entries, and kept or restored ones as they were. */
  readonly issuers: readonly unknown[];
  readonly differences: readonly Difference[];
};

const plural = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`;

const sumUp = (differences: readonly Difference[]): string => {
  const count = (effect: string): number => differences.filter((one) => one.effect === effect).length;
  const rekeys = count('re-keys');
  const warning =
    rekeys === 0
      ? ''
      : `; ${plural(rekeys, 'RE-KEYS its owners', 'RE-KEY their owners')}: stored uploads get out of reach`;
  return `${plural(differences.length, 'change', 'changes')}, ${plural(count('widens'), 'widens', 'widen')} what is allowed${warning}`;
};

/** Shows what would change: the entries, and revocations that only some Regions know. */
export const showProposal = (operator: Operator, { shown, differences }: Proposal): void => {
  const { merged, views } = shown;
  for (const one of differences) print(operator, one, formatDifference(one));
  const own = merged.newest?.document.revocations;
  for (const revocation of own === undefined ? [] : missingFrom(own, revocationsOf(merged.revocations))) {
    operator.output.notice(`revoked in one Region and now in all: ${describeRevocation(revocation)}`);
  }
  for (const view of views.filter((one) => heldOf(one)?.digest !== merged.newest?.digest)) {
    if (merged.newest !== null)
      operator.output.notice(`${view.region.code} ${stateInWords(view)}, the newest is ${merged.version}`);
  }
  operator.output.notice(
    differences.length === 0
      ? `nothing differs from version ${merged.version}`
      : `${sumUp(differences)}; published is version ${merged.version}`,
  );
};

const conclude = (operator: Operator, reports: readonly RegionReport[]): number => {
  const failed = reports.filter(({ ok }) => !ok).map(({ region }) => region);
  if (failed.length === 0) return EXIT.done;
  operator.output.failure(new Error(`NOT DONE in ${failed.join(', ')}: run the same command again`));
  return EXIT.failed;
};

/** Brings Regions that lag to what is published, when there is nothing else to do. */
const onlyConverge = async (operator: Operator): Promise<number> => {
  const converged = await converge(depsOf(operator), await operator.deployment.who());
  return conclude(operator, await reportRegions(operator, converged, holdsNewest(converged)));
};

/**
 * Shows a proposal, asks unless `yes`, writes it and reports every Region. Exit code 1: refused by the person, overtaken by another
 * publisher, or not every Region reads it back.
 */
export const writeProposal = async (
  operator: Operator,
  proposal: Proposal,
  request: { readonly action: AuditedAction; readonly reason: string | null; readonly yes: boolean },
): Promise<number> => {
  const { shown, issuers, differences } = proposal;
  const { output, deployment } = operator;
  showProposal(operator, proposal);
  if (differences.length === 0 && shown.merged.newest !== null) return onlyConverge(operator);
  if (!request.yes && !(await operator.confirm(`Publish to ${deployment.label}?`))) {
    output.notice('nothing was published');
    return EXIT.failed;
  }
  const drain = shown.merged.newest?.document.drain ?? [];
  const { revocations } = shown.merged;
  const diff = differences.map(formatDifference);
  const note = { action: request.action, reason: request.reason, who: await deployment.who(), diff };
  const outcome = await writeShown(depsOf(operator), shown, {
    content: { issuers: [...issuers], drain, revocations },
    note,
  });
  if (outcome.kind === 'impossible') {
    output.failure(
      new Error(`the primary Region must take it first, and ${outcome.reason}; revoke and disable work without it`),
    );
    return EXIT.failed;
  }
  if (outcome.kind === 'overtaken') {
    const { version, publishedBy, publishedAt } = heldOf(outcome.by)?.document ?? {};
    const winner = version === undefined ? 'something' : `version ${version} (${publishedBy}, ${publishedAt})`;
    output.failure(
      new Error(
        `another publisher was faster: ${winner} was published meanwhile, and nothing of this; look at the difference again`,
      ),
    );
    return EXIT.failed;
  }
  const { converged } = outcome;
  const code = conclude(operator, await reportRegions(operator, converged, holdsNewest(converged)));
  if (code === EXIT.done) output.notice('counts everywhere at the latest 30 s from now');
  return code;
};
