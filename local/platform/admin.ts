import type { IncomingMessage, ServerResponse } from 'node:http';
import { type FaultRule, parseFaultRule } from '../data/faults.ts';
import { PLACES } from '../places.ts';
import { parseFaultRule as parseS3FaultRule, type FaultRule as S3FaultRule } from '../s3/http/faults.ts';
import type { ZeroParts } from '../s3/store/zero-parts.ts';
import { sendJson, splitTarget } from '../support/http.ts';
import { readWish, type Wish } from '../support/read-wish.ts';

/** What the `/_local` routes show and move. */
export interface AdminDeps {
  /** The description of the platform without secrets. */
  readonly describe: () => unknown;
  readonly stats: () => Promise<unknown>;
  readonly setClock: (offsetSeconds: number) => void;
  readonly addFault: (rule: FaultRule | S3FaultRule) => void;
  readonly clearFaults: () => void;
  /** Changes how S3's events travel: delays in milliseconds, share of duplicates. */
  readonly setEvents: (change: EventChange) => void;
  /** Puts parts of zero bytes into an open upload of a Region, by its code, as if they had been sent. */
  readonly putZeroParts: (region: string, parts: ZeroParts) => void;
}

export type EventChange = Partial<Readonly<Record<'minDelayMs' | 'maxDelayMs' | 'duplicateRate', number>>>;

/** How far the clock can be moved, in seconds (ten years). */
const MAX_OFFSET_SECONDS = 10 * 365 * 86_400;
const EVENT_MEMBERS = ['minDelayMs', 'maxDelayMs', 'duplicateRate'];

/** Answers `/_local` and what is below it. Routes that change something take JSON, and nothing from a foreign page. */
export function createAdmin(deps: AdminDeps): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  return async (request, response) => {
    const { rawPath } = splitTarget(request.url ?? '/');
    const route = `${request.method} ${rawPath.replace(/\/$/, '')}`;
    if (request.method === 'GET' || request.method === 'HEAD') request.resume();
    switch (route) {
      case 'GET /_local':
        return sendJson(response, 200, deps.describe());
      case 'GET /_local/places':
        return sendJson(response, 200, { places: PLACES });
      case 'GET /_local/stats':
        return sendJson(response, 200, await deps.stats());
      case 'POST /_local/clock':
        return change(request, response, (wish) => moveClock(deps, wish));
      case 'POST /_local/faults':
        return change(request, response, (wish) => addFault(deps, wish));
      case 'DELETE /_local/faults':
        return change(request, response, () => {
          deps.clearFaults();
          return {};
        });
      case 'POST /_local/events':
        return change(request, response, (wish) => changeEvents(deps, wish));
      case 'POST /_local/zero-parts':
        return change(request, response, (wish) => putZeroParts(deps, wish));
      default:
        request.resume();
        return sendJson(response, 404, { error: `no ${rawPath}`, routes: ROUTES });
    }
  };
}

const ROUTES = [
  'GET /_local',
  'GET /_local/places',
  'GET /_local/stats',
  'POST /_local/clock {offsetSeconds}',
  'POST /_local/faults {service, mode, region?, action?, resource?, count?, delayMs?, status?, code?}',
  'DELETE /_local/faults',
  'POST /_local/events {minDelayMs?, maxDelayMs?, duplicateRate?}',
  'POST /_local/zero-parts {region, bucket, key, uploadId, count, size}',
];

function moveClock(deps: AdminDeps, { offsetSeconds }: Wish): object | string {
  if (typeof offsetSeconds !== 'number' || !(Math.abs(offsetSeconds) <= MAX_OFFSET_SECONDS)) {
    return `offsetSeconds is a number of seconds, at most ${MAX_OFFSET_SECONDS} either way`;
  }
  deps.setClock(offsetSeconds);
  return { offsetSeconds };
}

function addFault(deps: AdminDeps, wish: Wish): object | string {
  const rule = wish['service'] === 's3' ? parseS3FaultRule(wish) : parseFaultRule(wish);
  if (typeof rule === 'string') return rule;
  deps.addFault(rule);
  return rule;
}

function changeEvents(deps: AdminDeps, wish: Wish): object | string {
  for (const [name, value] of Object.entries(wish)) {
    if (!EVENT_MEMBERS.includes(name)) return `members are ${EVENT_MEMBERS.join(', ')}`;
    if (typeof value !== 'number' || !(value >= 0)) return `${name} is a number, not negative`;
  }
  deps.setEvents(wish as EventChange);
  return wish;
}

/** Parts of an upload, and bytes of one (5 GiB). Source: Amazon S3 user guide, "Multipart upload limits". */
const ZERO_PARTS = { count: 10_000, size: 5 * 1024 ** 3 } as const;

function putZeroParts(deps: AdminDeps, wish: Wish): object | string {
  const { region, bucket, key, uploadId, count, size } = wish;
  if (![region, bucket, key, uploadId].every((text) => typeof text === 'string')) {
    return 'region (its code), bucket, key and uploadId are strings';
  }
  if (!isCount(count, ZERO_PARTS.count) || !isCount(size, ZERO_PARTS.size)) {
    return `count is a whole number up to ${ZERO_PARTS.count}, size one up to ${ZERO_PARTS.size}`;
  }
  const parts = { bucket: String(bucket), key: String(key), uploadId: String(uploadId), count, size };
  deps.putZeroParts(String(region), parts);
  return wish;
}

function isCount(value: unknown, most: number): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 1 && Number(value) <= most;
}

/** Runs `act` on the request's JSON object; a sentence from it is 400. */
async function change(
  request: IncomingMessage,
  response: ServerResponse,
  act: (wish: Wish) => object | string,
): Promise<void> {
  const read = await readWish(request, `http://${request.headers.host ?? ''}`);
  if ('error' in read) return sendJson(response, read.status, { error: read.error });
  const result = act(read.wish);
  if (typeof result === 'string') return sendJson(response, 400, { error: result });
  return sendJson(response, 200, result);
}
