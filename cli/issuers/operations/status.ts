import { EXIT } from '../../exit.ts';
import { stateInWords } from '../registry/change-registry.ts';
import { faultsInWords, faultyEntries } from '../registry/faulty-entries.ts';
import type { Merged } from '../registry/merge-regions.ts';
import { heldOf, reasonOf } from '../registry/read-regions.ts';
import { type RecentChange, recentChanges } from '../registry/recent-changes.ts';
import type { RegionView } from '../registry/region.ts';
import { describeRevocation, revocationsOf } from '../registry/revocation-list.ts';
import { survey } from '../registry/survey.ts';
import { ago } from './ago.ts';
import { type Operator, print } from './operator.ts';
import { printKeys, readKeys } from './print-keys.ts';

/** Changes told of: enough to find the version to go back to. */
const CHANGES = 5;

const printRegion = (operator: Operator, view: RegionView): void => {
  const held = heldOf(view);
  const region = view.region.code;
  const line = (text: string): string => `${region.padEnd(6)} ${text}`;
  if (held === undefined) {
    print(operator, { region, version: null, detail: stateInWords(view) }, line(stateInWords(view)));
    return;
  }
  const { version, publishedAt, publishedBy, issuers } = held.document;
  const age = ago(operator.now() - Date.parse(publishedAt));
  const count = `${issuers.length} ${issuers.length === 1 ? 'issuer' : 'issuers'}`;
  print(
    operator,
    { region, version, publishedAt, publishedBy, digest: held.digest, issuers: issuers.length },
    line(`version ${version}, ${count}, published ${age} by ${publishedBy}, digest ${held.digest.slice(0, 12)}`),
  );
  for (const faulty of faultyEntries(held.document)) {
    const { name, faults } = faulty;
    print(operator, { region, faulty: name, faults }, line(`entry ${name} LETS NOBODY IN: ${faultsInWords(faulty)}`));
  }
};

const changesOf = async (views: readonly RegionView[], { newest }: Merged): Promise<readonly RecentChange[]> => {
  const source = views.find((view) => newest !== null && heldOf(view)?.digest === newest.digest);
  if (newest === null || source === undefined) return [];
  return recentChanges(source.region.store, newest.digest, CHANGES);
};

const printChanges = async (operator: Operator, views: readonly RegionView[], merged: Merged): Promise<void> => {
  try {
    for (const change of await changesOf(views, merged)) {
      const why = change.reason === null ? '' : ` (${change.reason})`;
      const age = ago(operator.now() - Date.parse(change.at));
      print(operator, { change }, `version ${change.version} came ${age} by ${change.action}${why}, by ${change.who}`);
    }
  } catch (error) {
    operator.output.notice(`the audit log cannot be read: ${reasonOf(error)}`);
  }
};

/** What is to be done about Regions that do not hold the same; `null` when they do. */
const divided = (views: readonly RegionView[], { newest }: Merged): string | null => {
  if (newest === null) return 'nothing is published';
  const behind = views.filter((view) => heldOf(view)?.digest !== newest.digest);
  const names = (silent: boolean): string =>
    behind
      .filter(({ state }) => (state.kind === 'unreachable') === silent)
      .map(({ region }) => region.code)
      .join(', ');
  const [differ, silent] = [names(false), names(true)];
  const sentences = [
    ...(differ === '' ? [] : [`Regions differ: ${differ}; issuers publish brings them together`]),
    ...(silent === '' ? [] : [`not known how ${silent} stands: ask again when it answers`]),
  ];
  return sentences.length === 0 ? null : sentences.join('; ');
};

/**
 * `issuers status`: version, age and key freshness of every Region, the last changes, and what is revoked. Exit 1 unless all Regions hold
 * the same.
 */
export const status = async (operator: Operator): Promise<number> => {
  const { views, merged } = await survey(operator.deployment.regions);
  const keys = await Promise.all(views.map(readKeys));
  for (const [index, view] of views.entries()) {
    printRegion(operator, view);
    if (view.state.kind !== 'unreachable') printKeys(operator, view, keys[index] ?? 'no keys.json yet');
  }
  await printChanges(operator, views, merged);
  for (const revocation of revocationsOf(merged.revocations)) {
    const { at, reason } = revocation.item;
    print(
      operator,
      { revoked: revocation.list, ...revocation.item },
      `revoked ${describeRevocation(revocation)} (${at}: ${reason})`,
    );
  }
  const fault = divided(views, merged);
  if (fault !== null) {
    operator.output.failure(new Error(fault));
    return EXIT.failed;
  }
  operator.output.notice(`all Regions hold version ${merged.version}`);
  return EXIT.done;
};
