import { routePath } from '../core/contract/routes.ts';
import type { Acknowledged } from './acknowledged.ts';
import { contentOf } from './k6/content.ts';

/** What the audit asks, and of whom. */
export type AuditInput = {
  readonly endpoint: string;
  readonly tokens: readonly string[];
  readonly acknowledged: readonly Acknowledged[];
  /** Size of every upload, in bytes. */
  readonly bytes: number;
  /** How many contents are compared byte for byte, spread evenly. */
  readonly sample: number;
  /** Milliseconds between tries; a test sets it to 0. */
  readonly pauseMs?: number;
};

/** `faults` has one sentence for each upload that is not as it was acknowledged. */
export type AuditResult = { readonly good: number; readonly compared: number; readonly faults: readonly string[] };

const CONCURRENCY = 12;
const TRIES = 4;

/** Asks again when the gateway is only busy: the audit looks for loss, not for speed. */
const patientFetch = async (url: string, init: RequestInit, pauseMs: number): Promise<Response> => {
  for (let tries = 1; ; tries += 1) {
    const response = await fetch(url, init);
    if (tries >= TRIES || (response.status !== 429 && response.status < 500)) return response;
    await response.body?.cancel();
    await new Promise((resolve) => setTimeout(resolve, pauseMs * tries));
  }
};

type StoredRecord = { state?: unknown; size?: unknown; download?: { url?: unknown } | null };

const compareContent = async (record: StoredRecord, expected: string, pauseMs: number): Promise<string | undefined> => {
  const url = record.download?.url;
  if (typeof url !== 'string') return 'has no download link';
  const response = await patientFetch(url, {}, pauseMs);
  if (!response.ok) return `cannot be downloaded: status ${response.status}`;
  const content = Buffer.from(await response.arrayBuffer());
  return content.equals(Buffer.from(expected))
    ? undefined
    : `has other bytes than were sent (${content.length} of them)`;
};

const auditOne = async (input: AuditInput, entry: Acknowledged, compare: boolean): Promise<string | undefined> => {
  const pauseMs = input.pauseMs ?? 1_000;
  const headers = { authorization: `Bearer ${input.tokens[entry.owner] ?? ''}` };
  const response = await patientFetch(`${input.endpoint}${routePath('getUpload', entry.id)}`, { headers }, pauseMs);
  if (response.status !== 200) return `answers ${response.status}`;
  const record = (await response.json()) as StoredRecord;
  if (record.state !== 'UPLOADED') return `is ${String(record.state)}`;
  if (record.size !== input.bytes) return `has size ${String(record.size)} instead of ${input.bytes}`;
  return compare ? compareContent(record, contentOf(entry.seed, input.bytes), pauseMs) : undefined;
};

/** Reads every acknowledged upload back, and a sample of contents byte for byte, with bounded concurrency. */
export const audit = async (input: AuditInput): Promise<AuditResult> => {
  const total = input.acknowledged.length;
  const step = Math.max(1, Math.ceil(total / Math.max(1, input.sample)));
  const faults: string[] = [];
  const work = input.acknowledged.entries();
  let compared = 0;
  const worker = async (): Promise<void> => {
    for (const [index, entry] of work) {
      const compare = index % step === 0;
      if (compare) compared += 1;
      const fault = await auditOne(input, entry, compare).catch((error: unknown) => `cannot be read: ${String(error)}`);
      if (fault !== undefined) faults.push(`${entry.id} ${fault}`);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  return { good: total - faults.length, compared, faults };
};
