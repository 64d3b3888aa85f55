import { ORIGIN_METRICS } from '../../core/config/metrics.ts';
import { SHARDS } from '../../core/config/names.ts';
import { LIST_READ_MAX, RETRY_AFTER_SECONDS } from '../../core/contract/limits.ts';
import { Problem } from '../../core/contract/problems.ts';
import type { UploadPage } from '../../core/contract/records.ts';
import { isUpstreamFault } from '../aws/upstream-fault.ts';
import { readCursorText, readLimit, readState } from '../http/query.ts';
import { formatCursor, parseCursor } from '../list/cursor.ts';
import { mergeStrands, type Strand } from '../list/merge.ts';
import { presentRecord, shownState } from '../record/present.ts';
import type { LivingRecord } from '../record/record.ts';
import { createdId } from '../store/index-keys.ts';
import type { RecordStore } from '../store/record-store.ts';
import { type Call, type CallHandler, isoTime, type RouteDeps } from './call.ts';

/** Left of the budget for merging and answering, in milliseconds. */
const RESERVE_MS = 150;

type Entry = { readonly position: string; readonly record: LivingRecord };
type Cell = Pick<RecordStore, 'listByOwner'>;
type Page = { readonly before: string | null; readonly limit: number };

const readShard = async (
  cell: Cell,
  call: Call,
  shard: number,
  page: Page,
  signal: AbortSignal,
): Promise<Strand<Entry>> => {
  const { ownerKey } = call.principal;
  const { records, more } = await cell.listByOwner({ ownerKey, shard, ...page }, { signal });
  return { items: records.map((record) => ({ position: createdId(record), record })), more };
};

/** All shards of one cell, or none: half a cell would be a silent gap. */
const readCell = async (cell: Cell, call: Call, page: Page, timeoutMs: number): Promise<readonly Strand<Entry>[]> => {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new DOMException(`no answer within ${timeoutMs} ms`, 'TimeoutError'));
      controller.abort();
    }, timeoutMs);
  });
  const shards = Array.from({ length: SHARDS.byOwner }, (_, shard) =>
    readShard(cell, call, shard, page, controller.signal),
  );
  try {
    return await Promise.race([Promise.all(shards), late]);
  } finally {
    clearTimeout(timer);
  }
};

type CellRead = { readonly region: string; readonly strands: readonly Strand<Entry>[] | null };

const tryCell = async (deps: RouteDeps, call: Call, region: string, cell: Cell, page: Page): Promise<CellRead> => {
  const timeoutMs = Math.max(1, call.budget.remaining() - RESERVE_MS);
  try {
    return { region, strands: await readCell(cell, call, page, timeoutMs) };
  } catch (error) {
    deps.telemetry.measure.count(ORIGIN_METRICS.cellUnavailable, { region });
    const fields = { requestId: call.requestId, region };
    if (isUpstreamFault(error)) deps.telemetry.log.warn('a cell did not answer', { ...fields, reason: String(error) });
    else deps.telemetry.log.error('a cell could not be read', error, fields);
    return { region, strands: null };
  }
};

/**
 * `GET /v1/uploads`: the caller's uploads in all cells, newest first. All cells and shards are asked at once; a cell that does not answer in
 * time is named in `unavailable`. Throws `cursor_invalid`, `request_invalid`, or `upstream_unavailable` if no cell answers.
 */
export const createList =
  (deps: RouteDeps): CallHandler =>
  async (call) => {
    const limit = readLimit(call.query);
    const state = readState(call.query);
    const text = readCursorText(call.query);
    const before = text === null ? null : parseCursor(text);
    const at = isoTime(deps.now());
    const page = { before, limit: state === null ? limit : LIST_READ_MAX };
    const reads = await call.budget.run('dynamodb', () =>
      Promise.all([...deps.cells].map(([region, cell]) => tryCell(deps, call, region, cell, page))),
    );
    if (reads.every(({ strands }) => strands === null)) {
      throw new Problem('upstream_unavailable', 'No Region answered; send the request again.', {
        headers: { 'retry-after': String(RETRY_AFTER_SECONDS) },
        reason: 'no_cell',
      });
    }
    const merged = mergeStrands(
      reads.flatMap(({ strands }) => strands ?? []),
      limit,
      ({ record }) => state === null || shownState(record, at) === state,
    );
    const body: UploadPage = {
      items: merged.items.map(({ record }) => presentRecord(record, at)),
      nextCursor: merged.next === null ? null : formatCursor(merged.next),
      unavailable: reads.filter(({ strands }) => strands === null).map(({ region }) => region),
    };
    return Response.json(body);
  };
