import { UNCONFIRMED_MAX_MS } from '../../../core/contract/limits.ts';
import { KEY_SET_STATUSES, REGISTRY_KEYS } from '../../../core/contract/registry.ts';
import { type KeyCopy, type Keys, parseKeys } from '../../../core/identity/parse-keys.ts';
import { reasonOf } from '../registry/read-regions.ts';
import type { RegionView } from '../registry/region.ts';
import { ago } from './ago.ts';
import { type Operator, print } from './operator.ts';

/** A Region's `keys.json`, or a sentence that says why there is none. Never throws. */
export const readKeys = async ({ region }: RegionView): Promise<Keys | string> => {
  try {
    const stored = await region.store.read(REGISTRY_KEYS.keys);
    if (stored === null) return 'no keys.json yet';
    const parsed = parseKeys(JSON.parse(stored.body));
    return parsed.ok ? parsed.keys : 'keys.json cannot be read';
  } catch (error) {
    return `keys.json: ${reasonOf(error)}`;
  }
};

type Copies = readonly (readonly [issuer: string, copy: KeyCopy])[];

const inWords = (copies: Copies, nowMs: number): readonly string[] => {
  const good = copies.filter(([, { status }]) => status === 'ok');
  const bad = copies.filter(([, { status }]) => status !== 'ok');
  const [oldest] = good.toSorted(([, one], [, other]) => (one.fetchedAtMs ?? 0) - (other.fetchedAtMs ?? 0));
  const age = (copy: KeyCopy): string => (copy.fetchedAtMs === null ? 'never' : ago(nowMs - copy.fetchedAtMs));
  return [
    ...(oldest === undefined
      ? []
      : [
          `${good.length} of ${copies.length} key sets fetched without trouble, the oldest ${age(oldest[1])} (${oldest[0]})`,
        ]),
    ...bad.map(([issuer, copy]) => {
      const count = `${copy.keys.length} ${copy.keys.length === 1 ? 'key' : 'keys'}`;
      return `${issuer}: ${count}, fetched ${age(copy)}, ${String(copy.status ?? 'unknown').toUpperCase()}`;
    }),
  ];
};

/** How fresh a Region's copies of key sets are: as JSON each, for people those in trouble and what the others amount to. */
export const printKeys = (operator: Operator, { region }: RegionView, keys: Keys | string): void => {
  const line = (text: string): string => `${region.code.padEnd(6)} ${text}`;
  if (typeof keys === 'string') {
    print(operator, { region: region.code, keys: null, detail: keys }, line(keys));
    return;
  }
  const age = operator.now() - keys.checkedAtMs;
  const confirmed = age <= UNCONFIRMED_MAX_MS;
  const word = confirmed ? '' : ': NOT CONFIRMED by another Region for too long';
  print(
    operator,
    { region: region.code, keysVersion: keys.version, checkedAt: new Date(keys.checkedAtMs).toISOString(), confirmed },
    line(`keys version ${keys.version}, policy compared with another Region's ${ago(age)}${word}`),
  );
  const copies = [...keys.copies];
  if (!operator.json) {
    for (const text of inWords(copies, operator.now())) operator.output.data(line(text));
    return;
  }
  for (const [issuer, copy] of copies) {
    const status = KEY_SET_STATUSES.find((known) => known === copy.status) ?? 'unknown';
    const fetchedAt = copy.fetchedAtMs === null ? null : new Date(copy.fetchedAtMs).toISOString();
    operator.output.data(JSON.stringify({ region: region.code, issuer, keys: copy.keys.length, fetchedAt, status }));
  }
};
