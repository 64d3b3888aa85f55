import { ORIGIN_METRICS } from '../../core/config/metrics.ts';
import { Problem } from '../../core/contract/problems.ts';
import type { FinalizeBody } from '../../core/contract/schemas.ts';
import { readFinalizeBody } from '../http/body.ts';
import { endedProblem, expiredProblem } from '../record/ended.ts';
import type { FactOf } from '../record/facts.ts';
import { presentRecord } from '../record/present.ts';
import type { RecordIn, StoredRecord } from '../record/record.ts';
import { contended, removeVersions, tell } from '../record/settle.ts';
import { isPastLife } from '../record/times.ts';
import { transition } from '../record/transition.ts';
import { isoTime, type RouteDeps, type UploadCall, type UploadCallHandler } from './call.ts';
import { checkSingleObjectClaims, compareChecksums } from './finalize-claims.ts';

/** Looks at the upload anew when another request or event came first. */
const TURNS = 6;

type Turn = RecordIn<'UPLOADED'> | 'again';

const bytesMissing = (): Problem =>
  new Problem(
    'bytes_missing',
    'PUT the bytes to the URL that create answered, then finalize again; the upload is still open.',
  );

const headFact = (deps: RouteDeps, call: UploadCall, asked: string | null, seen: FactOf<'head'>['seen']) =>
  ({
    type: 'head',
    of: call.subject,
    at: isoTime(deps.now()),
    asked,
    sequencer: null,
    seen,
    final: true,
    finalizer: { tenant: call.principal.tenant, subject: call.principal.subject },
  }) as const satisfies FactOf<'head'>;

/** Versions that are not the upload's are removed; their own events say so again if this fails. */
const cleanUp = async (
  deps: RouteDeps,
  call: UploadCall,
  fact: FactOf<'head'>,
  { effects }: ReturnType<typeof transition>,
): Promise<void> => {
  if (effects.length === 0) return;
  try {
    await call.budget.run('s3', (signal) => removeVersions(deps.objects, fact, effects, { signal }));
  } catch (error) {
    deps.telemetry.log.error('a superfluous version was not removed', error, { requestId: call.requestId });
  }
};

const onMissing = async (
  deps: RouteDeps,
  fact: FactOf<'head'>,
  call: UploadCall,
  record: StoredRecord | null,
): Promise<Turn> => {
  if (fact.asked !== null) {
    await call.budget.run('dynamodb', (signal) => tell(deps.store, fact, { signal }));
    return 'again';
  }
  throw record !== null && isPastLife(record, fact.at) ? expiredProblem() : bytesMissing();
};

const onFound = async (
  deps: RouteDeps,
  fact: FactOf<'head'>,
  call: UploadCall,
  record: StoredRecord | null,
): Promise<Turn> => {
  const result = transition(record, fact);
  const next = result.record;
  const changed = next !== null && next !== record;
  if (changed && !(await call.budget.run('dynamodb', (signal) => deps.store.put(next, { signal })))) return 'again';
  await cleanUp(deps, call, fact, result);
  if (next?.state === 'UPLOADED') return next;
  if (!changed && next !== null && isPastLife(next, fact.at)) throw expiredProblem();
  return 'again';
};

/** One look at record and object, and the step that follows from both. */
const takeTurn = async (deps: RouteDeps, call: UploadCall, claims: FinalizeBody): Promise<Turn> => {
  const { subject, budget } = call;
  const record = await budget.run('dynamodb', (signal) => deps.store.get(subject.ownerKey, subject.id, { signal }));
  const ended = endedProblem(record);
  if (ended !== null) throw ended;
  if (record?.state === 'UPLOADED') {
    compareChecksums(claims, record.pin.checksums);
    return record;
  }
  const asked = record?.state === 'RECEIVED' ? record.pin.versionId : null;
  const seen = await budget.run('s3', (signal) => deps.objects.head(subject, asked, { signal }));
  const fact = headFact(deps, call, asked, seen);
  if (!seen.found) return onMissing(deps, fact, call, record);
  if (seen.rejected === null) compareChecksums(claims, seen.pin.checksums);
  return onFound(deps, fact, call, record);
};

const finalize = async (deps: RouteDeps, call: UploadCall, claims: FinalizeBody): Promise<RecordIn<'UPLOADED'>> => {
  for (let turn = 0; turn < TURNS; turn += 1) {
    const result = await takeTurn(deps, call, claims);
    if (result !== 'again') return result;
  }
  throw contended();
};

/**
 * `POST /v1/uploads/{id}/finalize`: proves by one HEAD that S3 holds what was granted, pins that version, records it. It needs nothing from
 * the client and no earlier event, and answers the same however often it is asked.
 */
export const createFinalize =
  (deps: RouteDeps): UploadCallHandler =>
  async (call) => {
    const claims = await readFinalizeBody(call.request);
    const result = (name: string): void => deps.telemetry.measure.count(ORIGIN_METRICS.finalize, { result: name });
    try {
      if (call.subject.upload.kind === 'multipart') {
        throw new Problem(
          'method_unavailable',
          'Multipart uploads are not available; create the upload with method put.',
        );
      }
      checkSingleObjectClaims(claims);
      const record = await finalize(deps, call, claims);
      result(record.state);
      return Response.json(presentRecord(record, isoTime(deps.now())));
    } catch (error) {
      result(error instanceof Problem ? error.code : 'internal');
      throw error;
    }
  };
