import { RETRY_AFTER_SECONDS } from '../../core/contract/limits.ts';
import { Problem } from '../../core/contract/problems.ts';
import type { ObjectStore } from '../objects/object-store.ts';
import type { CallOptions, RecordStore } from '../store/record-store.ts';
import type { Effect, Fact } from './facts.ts';
import { type Transition, transition } from './transition.ts';

/** How often a fact is decided anew because another write came first. */
const TURNS = 6;

/** Thrown when others kept writing first; the same request, sent again, finds its answer. */
export const contended = (): Problem =>
  new Problem('upstream_unavailable', 'Several requests for this upload came at once; send the request again.', {
    headers: { 'retry-after': String(RETRY_AFTER_SECONDS) },
    reason: 'contended',
  });

/**
 * Tells the record a fact: reads, decides, writes over exactly what was read, and does so again while other writes come first. Effects are
 * handed back, to be done now that the record stands. Throws `contended` after six turns.
 */
export const tell = async (store: RecordStore, fact: Fact, options: CallOptions): Promise<Transition> => {
  for (let turn = 0; turn < TURNS; turn += 1) {
    const record = await store.get(fact.of.ownerKey, fact.of.id, options);
    const result = transition(record, fact);
    const written = result.record === record || result.record === null || (await store.put(result.record, options));
    if (written) return result;
  }
  throw contended();
};

/** Removes the versions that effects name. */
export const removeVersions = async (
  objects: ObjectStore,
  fact: Pick<Fact, 'of'>,
  effects: readonly Effect[],
  options: CallOptions,
): Promise<void> => {
  for (const effect of effects) {
    if (effect.type === 'deleteVersion') await objects.deleteVersion(fact.of, effect.versionId, options);
  }
};
