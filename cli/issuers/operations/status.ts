import { REGISTRY_AGE_MS } from '../../../core/contract/limits.ts';
import { KEY_SET_STATUSES, REGISTRY_KEYS } from '../../../core/contract/registry.ts';
import { type Keys, parseKeys } from '../../../core/identity/parse-keys.ts';
import { EXIT } from '../../exit.ts';
import { stateInWords } from '../registry/change-registry.ts';
import { faultsInWords, faultyEntries } from '../registry/faulty-entries.ts';
import { heldOf, reasonOf } from '../registry/read-regions.ts';
import type { RegionView } from '../registry/region.ts';
import { describeRevocation, revocationsOf } from '../registry/revocation-list.ts';
import { survey } from '../registry/survey.ts';
import { type Operator, print } from './operator.ts';

/** How long ago, in the largest whole unit: `12 s ago`. */
export const ago = (milliseconds: number): string => {
  const seconds = Math.round(milliseconds / 1_000);
  if (seconds < 0) return 'in the future';
  if (seconds < 120) return `${seconds} s ago`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min ago`;
  if (seconds < 172_800) return `${Math.round(seconds / 3_600)} h ago`;
  return `${Math.round(seconds / 86_400)} days ago`;
};

/** A Region whose policy was not compared with another's for so long is not to be believed; milliseconds. */
const UNCONFIRMED_MS = REGISTRY_AGE_MS.last / 2;

const readKeys = async ({ region }: RegionView): Promise<Keys | string> => {
  try {
    const stored = await region.store.read(REGISTRY_KEYS.keys);
    if (stored === null) return 'no keys.json yet';
    const parsed = parseKeys(JSON.parse(stored.body));
    return parsed.ok ? parsed.keys : 'keys.json cannot be read';
  } catch (error) {
    return `keys.json: ${reasonOf(error)}`;
  }
};

const printKeys = (operator: Operator, view: RegionView, keys: Keys | string): void => {
  const region = view.region.code;
  if (typeof keys === 'string') {
    print(operator, { region, keys: null, detail: keys }, `${region}   ${keys}`);
    return;
  }
  const age = operator.now() - keys.checkedAtMs;
  const confirmed = age <= UNCONFIRMED_MS;
  const word = confirmed ? '' : ': NOT CONFIRMED by another Region for too long';
  print(
    operator,
    { region, keysVersion: keys.version, checkedAt: new Date(keys.checkedAtMs).toISOString(), confirmed },
    `${region}   keys version ${keys.version}, policy compared with another Region's ${ago(age)}${word}`,
  );
  for (const [issuer, copy] of keys.copies) {
    const fetched = copy.fetchedAtMs === null ? 'never' : ago(operator.now() - copy.fetchedAtMs);
    const status = KEY_SET_STATUSES.find((known) => known === copy.status) ?? 'unknown';
    const fetchedAt = copy.fetchedAtMs === null ? null : new Date(copy.fetchedAtMs).toISOString();
    print(
      operator,
      { region, issuer, keys: copy.keys.length, fetchedAt, status },
      `${region}   ${issuer}: ${copy.keys.length} keys, fetched ${fetched}${status === 'ok' ? '' : `, ${status.toUpperCase()}`}`,
    );
  }
};

const printRegion = (operator: Operator, view: RegionView): void => {
  const held = heldOf(view);
  const region = view.region.code;
  if (held === undefined) {
    print(operator, { region, version: null, detail: stateInWords(view) }, `${region}   ${stateInWords(view)}`);
    return;
  }
  const { version, publishedAt, publishedBy, issuers } = held.document;
  const age = ago(operator.now() - Date.parse(publishedAt));
  print(
    operator,
    { region, version, publishedAt, publishedBy, digest: held.digest, issuers: issuers.length },
    `${region}   version ${version}, ${issuers.length} issuers, published ${age} by ${publishedBy}, digest ${held.digest.slice(0, 12)}`,
  );
  for (const faulty of faultyEntries(held.document)) {
    const { name, faults } = faulty;
    print(
      operator,
      { region, faulty: name, faults },
      `${region}   entry ${name} LETS NOBODY IN: ${faultsInWords(faulty)}`,
    );
  }
};

/** `issuers status`: version, age and key freshness of every Region, and what is revoked. Exit 1 unless all Regions hold the same. */
export const status = async (operator: Operator): Promise<number> => {
  const { views, merged } = await survey(operator.deployment.regions);
  const keys = await Promise.all(views.map(readKeys));
  for (const [index, view] of views.entries()) {
    printRegion(operator, view);
    if (view.state.kind !== 'unreachable') printKeys(operator, view, keys[index] ?? 'no keys.json yet');
  }
  for (const revocation of revocationsOf(merged.revocations)) {
    const { at, reason } = revocation.item;
    print(
      operator,
      { revoked: revocation.list, ...revocation.item },
      `revoked ${describeRevocation(revocation)} (${at}: ${reason})`,
    );
  }
  const alike = views.every((view) => merged.newest !== null && heldOf(view)?.digest === merged.newest.digest);
  if (alike) return EXIT.done;
  const behind = views
    .filter((view) => heldOf(view)?.digest !== merged.newest?.digest)
    .map(({ region }) => region.code);
  const why =
    merged.newest === null
      ? 'nothing is published'
      : `Regions differ: ${behind.join(', ')}; issuers publish brings them together`;
  operator.output.failure(new Error(why));
  return EXIT.failed;
};
