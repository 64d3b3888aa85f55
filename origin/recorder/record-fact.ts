import type { ObjectStore } from '../objects/object-store.ts';
import type { Effect, Fact } from '../record/facts.ts';
import type { StoredRecord } from '../record/record.ts';
import { removeVersions, tell } from '../record/settle.ts';
import type { CallOptions, RecordStore } from '../store/record-store.ts';

export type RecordDeps = {
  readonly store: RecordStore;
  readonly objects: ObjectStore;
  /** Milliseconds since 1970. */
  readonly now: () => number;
};

type HeadEffect = Extract<Effect, { readonly type: 'head' }>;

const headFact = async (deps: RecordDeps, fact: Fact, effect: HeadEffect, options: CallOptions): Promise<Fact> => ({
  type: 'head',
  of: fact.of,
  at: new Date(deps.now()).toISOString(),
  asked: effect.versionId,
  sequencer: effect.sequencer,
  seen: await deps.objects.head(fact.of, effect.versionId, options),
  final: false,
  finalizer: null,
});

/**
 * Tells a record one fact and does what follows: removes superfluous versions, asks S3 and tells what it showed. Every step may be
 * repeated; it throws if one could not be done, so that the message comes again.
 */
export const recordFact = async (deps: RecordDeps, fact: Fact, options: CallOptions): Promise<StoredRecord | null> => {
  const { record, effects } = await tell(deps.store, fact, options);
  await removeVersions(deps.objects, fact, effects, options);
  let latest = record;
  for (const effect of effects) {
    if (effect.type === 'head') latest = await recordFact(deps, await headFact(deps, fact, effect, options), options);
  }
  return latest;
};
