import type { IssuerEntry } from '../../../core/contract/issuer-entry.ts';
import { lintKeySet } from '../../../core/identity/key-hygiene.ts';
import { type Change, narrows, widens } from './difference.ts';
import { quoted } from './words.ts';

type Keyed = Pick<IssuerEntry, 'keys' | 'algorithms'>;

const sourceOf = ({ keys }: Keyed): string => (keys.jwksUri === undefined ? 'the entry itself' : keys.jwksUri);

/** Usable inline keys by thumbprint, with their kid. */
const inlineKeys = ({ keys, algorithms }: Keyed): ReadonlyMap<string, string> =>
  new Map(lintKeySet(keys.jwks?.keys ?? [], algorithms).keys.map(({ thumbprint, kid }) => [thumbprint, kid]));

/** Who may sign: another source of keys, keys that came, went or were renamed. */
export const diffKeys = (before: Keyed, after: Keyed): readonly Change[] => {
  if (sourceOf(before) !== sourceOf(after)) {
    return [
      widens(`keys come from ${sourceOf(after)} instead of ${sourceOf(before)}: whoever holds it signs its tokens`),
    ];
  }
  const [old, now] = [inlineKeys(before), inlineKeys(after)];
  const changes: Change[] = [];
  for (const [thumbprint, kid] of now) {
    const known = old.get(thumbprint);
    if (known === undefined) changes.push(widens(`the key ${quoted(kid)} (${thumbprint}) may sign its tokens`));
    else if (known !== kid)
      changes.push(narrows(`the key ${quoted(known)} (${thumbprint}) is now called ${quoted(kid)}`));
  }
  for (const [thumbprint, kid] of old) {
    if (!now.has(thumbprint))
      changes.push(narrows(`the key ${quoted(kid)} (${thumbprint}) no longer signs its tokens`));
  }
  return changes;
};
