import { EXIT, UsageError } from '../../exit.ts';
import { at } from '../lint/peek.ts';
import { heldOf, readRegions } from '../registry/read-regions.ts';
import type { RegionView } from '../registry/region.ts';
import { type Revocation, revocationsOf } from '../registry/revocation-list.ts';
import { findKeys } from './find-keys.ts';
import type { Operator } from './operator.ts';
import { parseMoment, type Selectors, selectRevocations, selectsAnything } from './select-revocations.ts';
import { addRevocations, liftRevocations } from './write-revocations.ts';

const NOTHING = 'say what: --kid, --token, --subject or --issued-before';

const idsIn = (views: readonly RegionView[]): readonly string[] => {
  const held = views.flatMap((view) => heldOf(view) ?? []);
  const entries = held.flatMap(({ document }) => document.issuers.map((raw) => at(raw, 'id')));
  const revoked = held.flatMap(({ document }) => revocationsOf(document.revocations).map(({ item }) => item.issuer));
  return [...new Set([...entries.filter((id) => typeof id === 'string'), ...revoked])];
};

/** Reads all Regions and makes sure that the issuer exists: a typing error must not look like a revocation. */
const readFor = async (operator: Operator, issuer: string): Promise<readonly RegionView[]> => {
  const views = await readRegions(operator.deployment.regions);
  const ids = idsIn(views);
  if (ids.length > 0 && !ids.includes(issuer)) {
    throw new UsageError(`there is no issuer ${JSON.stringify(issuer)}; published are ${ids.join(', ')}`);
  }
  return views;
};

const tellOfUrls = (operator: Operator, issuer: string): void =>
  operator.output.notice(
    `URLs handed out before live on until they expire; issuers disable ${issuer} --cut-grants apply ends them`,
  );

/** `issuers revoke ISSUER`: cuts off a key, a token, a person, or everything before a moment. */
export const revoke = async (
  operator: Operator,
  issuer: string,
  selectors: Selectors,
  reason: string,
): Promise<number> => {
  if (!selectsAnything(selectors)) throw new UsageError(`${NOTHING}; the whole issuer is issuers disable ${issuer}`);
  const views = await readFor(operator, issuer);
  const keys = selectors.kid === undefined ? [] : await findKeys(views, issuer);
  const wanted = selectRevocations(selectors, { issuer, reason, nowMs: operator.now(), keys });
  const code = await addRevocations(operator, wanted, { action: 'revoke', reason });
  if (code === EXIT.done) tellOfUrls(operator, issuer);
  return code;
};

const matcher = (wanted: readonly Revocation[]) => {
  const thumbprints = new Set(wanted.flatMap((one) => (one.list === 'kids' ? [one.item.thumbprint] : [])));
  const jtis = new Set(wanted.flatMap((one) => (one.list === 'tokens' ? [one.item.jti] : [])));
  const subjects = new Set(wanted.flatMap((one) => (one.list === 'subjects' ? [one.item.subject] : [])));
  const moments = new Set(wanted.flatMap((one) => (one.list === 'issuedBefore' ? [Date.parse(one.item.before)] : [])));
  return (one: Revocation): boolean => {
    switch (one.list) {
      case 'kids':
        return thumbprints.has(one.item.thumbprint);
      case 'tokens':
        return jtis.has(one.item.jti);
      case 'subjects':
        return subjects.has(one.item.subject);
      case 'issuedBefore':
        return moments.has(Date.parse(one.item.before));
      case 'disabled':
        return false;
    }
  };
};

/** `issuers unrevoke ISSUER`: lets in again what `revoke` cut off. A moment is named exactly as it was given then. */
export const unrevoke = async (
  operator: Operator,
  issuer: string,
  selectors: Selectors,
  reason: string,
): Promise<number> => {
  if (!selectsAnything(selectors)) throw new UsageError(`${NOTHING}; the whole issuer is issuers enable ${issuer}`);
  const views = await readFor(operator, issuer);
  const keys = selectors.kid === undefined ? [] : await findKeys(views, issuer);
  const nowMs = operator.now();
  if (selectors.issuedBefore !== undefined) parseMoment(selectors.issuedBefore, nowMs, '--issued-before');
  const isMeant = matcher(selectRevocations(selectors, { issuer, reason, nowMs, keys }));
  return liftRevocations(operator, (one) => one.item.issuer === issuer && isMeant(one), { action: 'unrevoke', reason });
};

/** `issuers disable ISSUER`: cuts off everybody of an issuer. `cutsGrants`: the URLs it has out are ended right after. */
export const disable = async (
  operator: Operator,
  issuer: string,
  { reason, cutsGrants }: { readonly reason: string; readonly cutsGrants: boolean },
): Promise<number> => {
  await readFor(operator, issuer);
  const item = { issuer, at: new Date(operator.now()).toISOString(), reason };
  const wanted: Revocation = { list: 'disabled', item };
  const code = await addRevocations(operator, [wanted], { action: 'disable', reason });
  if (code === EXIT.done && !cutsGrants) tellOfUrls(operator, issuer);
  return code;
};

/** `issuers enable ISSUER`: undoes `disable`; what was revoked one by one stays so. */
export const enable = async (operator: Operator, issuer: string, reason: string): Promise<number> => {
  const views = await readFor(operator, issuer);
  const isMeant = (one: Revocation): boolean => one.list === 'disabled' && one.item.issuer === issuer;
  const code = await liftRevocations(operator, isMeant, { action: 'enable', reason });
  const entries = views.flatMap((view) => heldOf(view)?.document.issuers ?? []);
  if (entries.some((raw) => at(raw, 'id') === issuer && at(raw, 'status') === 'disabled')) {
    operator.output.notice(`its entry itself says "status": "disabled": change that and publish`);
  }
  return code;
};
