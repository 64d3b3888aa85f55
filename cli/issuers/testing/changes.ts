import type { Revocations } from '../../../core/contract/registry.ts';
import { type Change, type Outcome, writeShown, writeUrgent } from '../registry/change-registry.ts';
import type { Merged } from '../registry/merge-regions.ts';
import { toRevocations, uniteRevocations, withoutRevocations } from '../registry/revocation-list.ts';
import { survey } from '../registry/survey.ts';
import { convergeDeps, type MemoryRegion } from './memory-regions.ts';

const AT = '2026-11-20T12:00:00.000Z';
/** Revocations of one subject of `acme`. */
export const subject = (name: string): Revocations =>
  toRevocations([{ list: 'subjects', item: { issuer: 'acme', subject: name, at: AT, reason: 'test' } }]);
/** Subjects that a Region has revoked. */
export const subjectsOf = (region: MemoryRegion): readonly string[] =>
  region.policy().revocations.subjects.map((item) => item.subject);

/** The change that publishes these entries beside what is merged. */
export const publishing = (issuers: readonly unknown[], merged: Merged, who = 'anna'): Change => ({
  content: { issuers: [...issuers], drain: [], revocations: merged.revocations },
  note: { action: 'publish', who, reason: null, diff: ['acme: is new'] },
});
/** Publishes entries after looking at all Regions, as a person does. */
export const publish = async (
  regions: readonly MemoryRegion[],
  issuers: readonly unknown[],
  who = 'anna',
): Promise<Outcome> => {
  const shown = await survey(regions);
  return writeShown(convergeDeps(regions), shown, publishing(issuers, shown.merged, who));
};
/** Revokes one subject of `acme`. */
export const revoke = (regions: readonly MemoryRegion[], name: string, startMs?: number): Promise<Outcome> =>
  writeUrgent(convergeDeps(regions, startMs), 'otto', (merged) => {
    const revocations = uniteRevocations(merged.revocations, subject(name));
    if (revocations === merged.revocations) return null;
    const { issuers = [], drain = [] } = merged.newest?.document ?? {};
    return {
      content: { issuers, drain, revocations },
      note: { action: 'revoke', who: 'otto', reason: 'test', diff: [] },
    };
  });
/** Lets one subject of `acme` in again. */
export const unrevoke = (regions: readonly MemoryRegion[], name: string): Promise<Outcome> =>
  writeUrgent(convergeDeps(regions), 'otto', (merged) => {
    const key = JSON.stringify(['subjects', 'acme', name]);
    const { issuers = [], drain = [] } = merged.newest?.document ?? {};
    const revocations = withoutRevocations(merged.revocations, new Set([key]));
    return {
      content: { issuers, drain, revocations },
      note: { action: 'unrevoke', who: 'otto', reason: 'test', diff: [] },
    };
  });
