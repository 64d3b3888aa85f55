import { regionByCode, regionByName } from '../../../core/config/regions.ts';
import { ALGORITHMS } from '../../../core/contract/issuer-entry.ts';
import { algorithmsOfKey } from '../../../core/identity/algorithms.ts';
import { isJsonObject } from '../../../core/identity/json-bytes.ts';
import { at, numberAt, textAt, textsAt } from './peek.ts';
import { userWritable } from './user-writable.ts';

/** A fault within one entry. */
export type EntryFault = { readonly path: string; readonly message: string };

/** Looks at an entry that may be faulty elsewhere, so that every fault is told at once. */
type Rule = (entry: unknown) => readonly EntryFault[];

const fault = (path: string, message: string): EntryFault => ({ path, message });

const TRUSTED_CLAIMS = [
  { path: ['claims', 'subject'], what: 'would let them take over the uploads of others' },
  { path: ['claims', 'tenant'], what: 'would let them move into any tenant' },
  { path: ['permissions', 'claim'], what: 'would let them grant themselves anything' },
  { path: ['audienceClaim'], what: 'would let them bring tokens meant for others' },
] as const;

const noUserWritableClaims: Rule = (entry) =>
  TRUSTED_CLAIMS.flatMap(({ path, what }) => {
    const found = userWritable(textsAt(entry, ...path));
    if (found === undefined) return [];
    return [fault(`/${path.join('/')}`, `is not to be trusted: ${found.who}, which ${what}; ${found.cure}`)];
  });

const requiresSomething = (entry: unknown): boolean => {
  const required = at(entry, 'requiredClaims');
  return isJsonObject(required) && Object.keys(required).length > 0;
};

/** A token without `typ` could be any of the provider's: an ID token, a reset link. Something else must tell. */
const typeIsSaid: Rule = (entry) =>
  textsAt(entry, 'tokenTypes').includes('absent') && !requiresSomething(entry)
    ? [
        fault(
          '/tokenTypes',
          'takes tokens without typ, so nothing tells access tokens from others: pin them in requiredClaims, such as {"token_use": "access"}',
        ),
      ]
    : [];

const audienceIsSaid: Rule = (entry) => {
  const claim = at(entry, 'audienceClaim');
  if (claim === undefined || requiresSomething(entry)) return [];
  if (JSON.stringify(claim) === '["aud"]') return [];
  return [
    fault(
      '/audienceClaim',
      'stands in for aud, which is a weaker promise: pin the kind of token in requiredClaims too, such as {"token_use": "access"}',
    ),
  ];
};

const audiencesAreExact: Rule = (entry) =>
  textsAt(entry, 'audiences').flatMap((audience, index) =>
    audience.includes('*')
      ? [fault(`/audiences/${index}`, 'is compared letter by letter, * is no wildcard: write the audience out')]
      : [],
  );

const regionsExist: Rule = (entry) =>
  textsAt(entry, 'limits', 'regions').flatMap((code, index) => {
    if (regionByCode(code) !== undefined) return [];
    const meant = regionByName(code)?.code;
    const cure = meant === undefined ? 'write a code such as euw1' : `write ${meant}`;
    return [fault(`/limits/regions/${index}`, `is no Region that nearput knows: ${cure}`)];
  });

const skewIsSmall: Rule = (entry) => {
  const [skew, age] = [numberAt(entry, 'clockSkewSeconds'), numberAt(entry, 'maxTokenAgeSeconds')];
  if (skew === undefined || age === undefined || skew < age) return [];
  return [fault('/clockSkewSeconds', 'is not below maxTokenAgeSeconds: 10 is enough for clocks that are kept')];
};

const MOVING = ['exp', 'iat', 'nbf', 'jti'];

const requiredClaimsStandStill: Rule = (entry) => {
  const required = at(entry, 'requiredClaims');
  if (!isJsonObject(required)) return [];
  return Object.keys(required)
    .filter((name) => MOVING.includes(name))
    .map((name) =>
      fault(`/requiredClaims/${name}`, 'differs in every token and is checked anyway: remove it, or nobody comes in'),
    );
};

const isAlgorithm = (text: string): boolean => ALGORITHMS.some((algorithm) => algorithm === text);

/** Every allowed algorithm is one more way in; one that no key can use is a mistake. */
const algorithmsHaveKeys: Rule = (entry) => {
  const keys = at(entry, 'keys', 'jwks', 'keys');
  if (!Array.isArray(keys)) return [];
  const usable = new Set<string>(keys.flatMap((key) => algorithmsOfKey(at(key, 'kty'), at(key, 'crv'))));
  return textsAt(entry, 'algorithms').flatMap((algorithm, index) =>
    usable.has(algorithm) || !isAlgorithm(algorithm)
      ? []
      : [fault(`/algorithms/${index}`, 'fits none of the keys in the entry: remove it, or add its key')],
  );
};

/** Issuer strings of documentation, or of an endpoint that serves every tenant of a provider. */
const TEMPLATE = /[{}<>]|\/(?:common|organizations|consumers)(?:\/|$)/;

const issuerIsConcrete: Rule = (entry) =>
  [['issuer'], ['keys', 'jwksUri']].flatMap((path) =>
    TEMPLATE.test(textAt(entry, ...path) ?? '')
      ? [fault(`/${path.join('/')}`, 'stands for many tenants: write out the one whose tokens are meant')]
      : [],
  );

/** What the form of an entry cannot say. Each looks only at its own members and never throws. */
const RULES: readonly Rule[] = [
  noUserWritableClaims,
  typeIsSaid,
  audienceIsSaid,
  audiencesAreExact,
  regionsExist,
  skewIsSmall,
  requiredClaimsStandStill,
  algorithmsHaveKeys,
  issuerIsConcrete,
];

/** Everything about an entry that is well-formed and still a mistake. */
export const lintMeaning = (entry: unknown): readonly EntryFault[] => RULES.flatMap((rule) => rule(entry));
