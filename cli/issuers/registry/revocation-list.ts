import type { Revocations } from '../../../core/contract/registry.ts';

/** The lists a policy's revocations are kept in. */
export const REVOCATION_LISTS = ['disabled', 'kids', 'tokens', 'subjects', 'issuedBefore'] as const;
export type RevocationList = (typeof REVOCATION_LISTS)[number];

/** One revocation and the list it belongs to. */
export type Revocation = {
  readonly [List in RevocationList]: { readonly list: List; readonly item: Revocations[List][number] };
}[RevocationList];

/** Every revocation of a policy, list by list. */
export const revocationsOf = (revocations: Revocations): readonly Revocation[] => [
  ...revocations.disabled.map((item) => ({ list: 'disabled', item }) as const),
  ...revocations.kids.map((item) => ({ list: 'kids', item }) as const),
  ...revocations.tokens.map((item) => ({ list: 'tokens', item }) as const),
  ...revocations.subjects.map((item) => ({ list: 'subjects', item }) as const),
  ...revocations.issuedBefore.map((item) => ({ list: 'issuedBefore', item }) as const),
];

/** What a revocation is of, without when and why: two with the same are the same revocation. */
export const revocationKey = (revocation: Revocation): string => {
  const { list, item } = revocation;
  switch (revocation.list) {
    case 'disabled':
      return JSON.stringify([list, item.issuer]);
    case 'kids':
      return JSON.stringify([list, item.issuer, revocation.item.thumbprint]);
    case 'tokens':
      return JSON.stringify([list, item.issuer, revocation.item.jti]);
    case 'subjects':
      return JSON.stringify([list, item.issuer, revocation.item.subject]);
    case 'issuedBefore':
      return JSON.stringify([list, item.issuer, Date.parse(revocation.item.before)]);
  }
};

/** The policy's form of a list of revocations. */
export const toRevocations = (revocations: readonly Revocation[]): Revocations => ({
  disabled: revocations.flatMap((one) => (one.list === 'disabled' ? [one.item] : [])),
  kids: revocations.flatMap((one) => (one.list === 'kids' ? [one.item] : [])),
  tokens: revocations.flatMap((one) => (one.list === 'tokens' ? [one.item] : [])),
  subjects: revocations.flatMap((one) => (one.list === 'subjects' ? [one.item] : [])),
  issuedBefore: revocations.flatMap((one) => (one.list === 'issuedBefore' ? [one.item] : [])),
});

/** Which of `wanted` are not in `revocations` yet. */
export const missingFrom = (revocations: Revocations, wanted: readonly Revocation[]): readonly Revocation[] => {
  const known = new Set(revocationsOf(revocations).map(revocationKey));
  return wanted.filter((one) => !known.has(revocationKey(one)));
};

/** All of `base`, and whatever `more` has besides. Nothing is ever lost. */
export const uniteRevocations = (base: Revocations, more: Revocations): Revocations => {
  const added = missingFrom(base, revocationsOf(more));
  return added.length === 0 ? base : toRevocations([...revocationsOf(base), ...added]);
};

/** Without those whose key is in `keys`. */
export const withoutRevocations = (base: Revocations, keys: ReadonlySet<string>): Revocations =>
  toRevocations(revocationsOf(base).filter((one) => !keys.has(revocationKey(one))));

/** Who or what a revocation cuts off, in words. */
export const describeRevocation = (revocation: Revocation): string => {
  const { issuer } = revocation.item;
  switch (revocation.list) {
    case 'disabled':
      return `${issuer}: every token`;
    case 'kids':
      return `${issuer}: the key with thumbprint ${revocation.item.thumbprint}`;
    case 'tokens':
      return `${issuer}: the token with jti ${JSON.stringify(revocation.item.jti)}`;
    case 'subjects':
      return `${issuer}: the subject ${JSON.stringify(revocation.item.subject)}`;
    case 'issuedBefore':
      return `${issuer}: every token issued before ${revocation.item.before}`;
  }
};
