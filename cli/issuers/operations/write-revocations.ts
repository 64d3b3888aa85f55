import type { Revocations } from '../../../core/contract/registry.ts';
import { EXIT } from '../../exit.ts';
import type { AuditedAction } from '../registry/audit.ts';
import { type Change, writeUrgent } from '../registry/change-registry.ts';
import type { Merged } from '../registry/merge-regions.ts';
import { heldOf } from '../registry/read-regions.ts';
import type { RegionView } from '../registry/region.ts';
import {
  describeRevocation,
  missingFrom,
  type Revocation,
  revocationKey,
  revocationsOf,
  toRevocations,
  uniteRevocations,
  withoutRevocations,
} from '../registry/revocation-list.ts';
import { depsOf, type Operator, print } from './operator.ts';
import { type RegionReport, reportRegions } from './report.ts';

type Request = { readonly action: AuditedAction; readonly reason: string };

const changeOf = (merged: Merged, revocations: Revocations, note: Change['note']): Change => {
  const { issuers = [], drain = [] } = merged.newest?.document ?? {};
  return { content: { issuers, drain, revocations }, note };
};

const names = (reports: readonly RegionReport[]): string => reports.map(({ region }) => region).join(', ');

/** A Region nobody reaches does not count against a revocation; one that answers and does not have it does. */
const conclude = (operator: Operator, reports: readonly RegionReport[], isLifting: boolean): number => {
  const failed = reports.filter(({ ok, reached }) => !ok && reached);
  const silent = reports.filter(({ reached }) => !reached);
  if (failed.length > 0 || silent.length === reports.length) {
    operator.output.failure(new Error(`NOT DONE in ${names([...failed, ...silent])}: run the same command again`));
    return EXIT.failed;
  }
  if (silent.length === 0) {
    operator.output.notice(`${isLifting ? 'let in' : 'refused'} everywhere at the latest 30 s from now`);
    return EXIT.done;
  }
  const sentence = `${names(silent)} could not be reached: run the same command again when it answers`;
  if (isLifting) operator.output.failure(new Error(sentence));
  else operator.output.notice(`WARNING: ${sentence}; everywhere else this is refused at the latest 30 s from now`);
  return isLifting ? EXIT.failed : EXIT.done;
};

const write = async (
  operator: Operator,
  decide: (merged: Merged, who: string) => Change | null,
  isDone: (view: RegionView) => boolean,
  isLifting: boolean,
): Promise<number> => {
  const who = await operator.deployment.who();
  const outcome = await writeUrgent(depsOf(operator), who, (merged) => decide(merged, who));
  if (outcome.kind !== 'done') {
    const reason = outcome.kind === 'impossible' ? outcome.reason : 'somebody else keeps writing';
    operator.output.failure(new Error(`nothing was changed: ${reason}`));
    return EXIT.failed;
  }
  return conclude(operator, await reportRegions(operator, outcome.converged, isDone), isLifting);
};

/** Cuts off. What is revoked already keeps its time and reason. Exit 0 once every Region that answers reads it back. */
export const addRevocations = (
  operator: Operator,
  wanted: readonly Revocation[],
  request: Request,
): Promise<number> => {
  const lines = wanted.map(describeRevocation);
  let told = false;
  for (const [index, revocation] of wanted.entries()) {
    print(operator, { revoke: revocation.list, ...revocation.item }, `cut off ${lines[index]}`);
  }
  return write(
    operator,
    (merged, who) => {
      const revocations = uniteRevocations(merged.revocations, toRevocations(wanted));
      if (revocations === merged.revocations) {
        if (!told) operator.output.notice('this was cut off before: no new version is needed');
        return null;
      }
      told = true;
      const added = missingFrom(merged.revocations, wanted).map((one) => `revoked ${describeRevocation(one)}`);
      return changeOf(merged, revocations, { ...request, who, diff: added });
    },
    (view) => {
      const held = heldOf(view);
      return held !== undefined && missingFrom(held.document.revocations, wanted).length === 0;
    },
    false,
  );
};

/** Lets in again. `matches` says which revocations are meant. Exit 0 once every Region reads it back. */
export const liftRevocations = (
  operator: Operator,
  matches: (revocation: Revocation) => boolean,
  request: Request,
): Promise<number> => {
  let told = false;
  const meant = (revocations: Revocations): readonly Revocation[] => revocationsOf(revocations).filter(matches);
  return write(
    operator,
    (merged, who) => {
      const lifted = meant(merged.revocations);
      if (lifted.length === 0) {
        if (!told) operator.output.notice('nothing of this is revoked');
        return null;
      }
      for (const one of told ? [] : lifted) {
        print(operator, { lift: one.list, ...one.item }, `let in again ${describeRevocation(one)}`);
      }
      told = true;
      const revocations = withoutRevocations(merged.revocations, new Set(lifted.map(revocationKey)));
      const diff = lifted.map((one) => `lifted ${describeRevocation(one)} (${one.item.at}: ${one.item.reason})`);
      return changeOf(merged, revocations, { ...request, who, diff });
    },
    (view) => {
      const held = heldOf(view);
      return held !== undefined && meant(held.document.revocations).length === 0;
    },
    true,
  );
};
