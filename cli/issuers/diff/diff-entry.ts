import type { IssuerEntry } from '../../../core/contract/issuer-entry.ts';
import { KEYS_LIFE_MS } from '../../../core/contract/limits.ts';
import { diffKeys } from './diff-keys.ts';
import { diffLimits, diffList } from './diff-limits.ts';
import { type Change, narrows, neutral, rekeys, widens } from './difference.ts';
import { claimPath, inWords, quoted, span } from './words.ts';

const OUT_OF_REACH = 'every owner gets another key, so nobody reaches what is stored';

const either = (isWider: boolean, text: string): Change => (isWider ? widens(text) : narrows(text));

const diffTenants = (before: readonly string[] | null, after: readonly string[] | null): readonly Change[] => {
  if (before === null && after !== null) return [narrows(`only the tenants ${inWords(after.map(quoted))} may come in`)];
  if (before !== null && after === null) return [widens('every tenant may come in')];
  const words = {
    more: (tenants: string) => `tenants may now come in: ${tenants}`,
    less: (tenants: string) => `tenants may no longer come in: ${tenants}`,
  };
  return diffList(before ?? [], after ?? [], words, quoted);
};

const diffClaims = (before: IssuerEntry['claims'], after: IssuerEntry['claims']): readonly Change[] =>
  (['subject', 'tenant'] as const)
    .filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]))
    .map((name) =>
      rekeys(
        `the ${name} is the claim ${claimPath(after[name])} instead of ${claimPath(before[name])}: ${OUT_OF_REACH}`,
      ),
    );

const diffRequired = (before: IssuerEntry['requiredClaims'], after: IssuerEntry['requiredClaims']): readonly Change[] =>
  [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((name): readonly Change[] => {
    const [old, now] = [before[name], after[name]].map((value) => JSON.stringify(value));
    if (old === now) return [];
    if (old === undefined) return [narrows(`the claim ${name} must now be ${now}`)];
    if (now === undefined) return [widens(`the claim ${name} need no longer be ${old}`)];
    return [widens(`the claim ${name} must be ${now} instead of ${old}`)];
  });

type Differ = (before: IssuerEntry, after: IssuerEntry) => readonly Change[];

/** One for every member of an entry; the compiler asks for a new one when a member is added. */
const MEMBERS: { readonly [Name in keyof Required<IssuerEntry>]: Differ } = {
  id: (before, after) => [
    rekeys(`the id is ${after.id} instead of ${before.id}: objects lie under the id, so nobody reaches what is stored`),
  ],
  issuer: (before, after) => [
    rekeys(`tokens come from ${quoted(after.issuer)} instead of ${quoted(before.issuer)}: ${OUT_OF_REACH}`),
  ],
  status: (_, after) =>
    after.status === 'active' ? [widens('is active again')] : [narrows('is disabled: all its tokens are refused')],
  audiences: (before, after) =>
    diffList(
      before.audiences,
      after.audiences,
      {
        more: (audiences) => `tokens for the audience ${audiences} are accepted`,
        less: (audiences) => `tokens for the audience ${audiences} are no longer accepted`,
      },
      quoted,
    ),
  audienceClaim: (before, after) => [
    widens(
      `the audience is the claim ${claimPath(after.audienceClaim ?? ['aud'])} instead of ${claimPath(before.audienceClaim ?? ['aud'])}`,
    ),
  ],
  algorithms: (before, after) =>
    diffList(before.algorithms, after.algorithms, {
      more: (algorithms) => `tokens signed with ${algorithms} are accepted`,
      less: (algorithms) => `tokens signed with ${algorithms} are no longer accepted`,
    }),
  tokenTypes: (before, after) =>
    diffList(before.tokenTypes, after.tokenTypes, {
      more: (types) => `tokens of the type ${types} are accepted`,
      less: (types) => `tokens of the type ${types} are no longer accepted`,
    }),
  keys: diffKeys,
  claims: (before, after) => diffClaims(before.claims, after.claims),
  ownership: (before, after) => [
    rekeys(
      after.ownership === 'tenant'
        ? `uploads belong to the whole tenant instead of their subject: ${OUT_OF_REACH}`
        : `uploads belong to their subject instead of the ${before.ownership}: ${OUT_OF_REACH}`,
    ),
  ],
  requiredClaims: (before, after) => diffRequired(before.requiredClaims, after.requiredClaims),
  tenants: (before, after) => diffTenants(before.tenants, after.tenants),
  permissions: (before, after) => [
    widens(
      `permissions are the claim ${claimPath(after.permissions.claim)} instead of ${claimPath(before.permissions.claim)}`,
    ),
  ],
  maxTokenAgeSeconds: (before, after) => [
    either(
      after.maxTokenAgeSeconds > before.maxTokenAgeSeconds,
      `tokens up to ${span(after.maxTokenAgeSeconds)} old instead of ${span(before.maxTokenAgeSeconds)}`,
    ),
  ],
  clockSkewSeconds: (before, after) => [
    either(
      after.clockSkewSeconds > before.clockSkewSeconds,
      `clocks may differ by ${span(after.clockSkewSeconds)} instead of ${span(before.clockSkewSeconds)}`,
    ),
  ],
  keyLifeSeconds: (before, after) => {
    const [old, now] = [before, after].map(({ keyLifeSeconds }) => keyLifeSeconds ?? KEYS_LIFE_MS / 1_000);
    return [
      either(
        (now ?? 0) > (old ?? 0),
        `keys outlive ${span(now ?? 0)} of its provider's trouble instead of ${span(old ?? 0)}`,
      ),
    ];
  },
  limits: (before, after) => diffLimits(before.limits, after.limits),
  note: () => [neutral('its note changes')],
};

const NAMES = Object.keys(MEMBERS) as readonly (keyof IssuerEntry)[];

/** Equal as JSON, whatever the order of an object's members. */
const isSame = (before: unknown, after: unknown): boolean => canonical(before) === canonical(after);

const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  ) ?? 'undefined';

/** What two entries differ in, member by member. A member that differs in a way that changes nothing is said as neutral. */
export const diffEntry = (before: IssuerEntry, after: IssuerEntry): readonly Change[] =>
  NAMES.flatMap((name) => {
    if (isSame(before[name], after[name])) return [];
    const changes = MEMBERS[name](before, after);
    return changes.length > 0 ? changes : [neutral(`${name} is written differently and means the same`)];
  });
