import { ownerKeyOf } from '../../core/identity/owner-key.ts';
import {
  createTestEntry,
  createTestIssuer,
  createTestRegistry,
  NOW_MS,
  signToken,
} from '../../core/identity/testing/issuers.ts';
import { createApi } from '../http/app.ts';
import type { RouteDeps } from '../routes/call.ts';
import { type Dimensions, type LogFields, SILENT } from '../telemetry/telemetry.ts';
import { readWork, type Work, writeWork } from '../worker/work-message.ts';
import { createMemoryObjects, type MemoryObjects } from './memory-objects.ts';
import { createMemoryStore } from './memory-store.ts';
import { grantUpload, type UploadWish } from './subjects.ts';

const ALL = 'uploads:create uploads:read uploads:delete documents:create';

const ISSUER = createTestIssuer('acme', 'ES256');

/** Owner of `token`'s uploads. */
const CALLER = ownerKeyOf({ ownership: 'subject', issuer: ISSUER.issuer, tenant: 't1', subject: 'user' });

export type Ask = {
  /** `null`: none. */
  readonly token?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
  /** Another kind of body is sent as it is; objects as JSON. */
  readonly json?: unknown;
};

/** What a world may share with another one: the same data behind a second API, and a clock for budgets. */
export type WorldBase = {
  readonly store: ReturnType<typeof createMemoryStore>;
  readonly objects: MemoryObjects;
  readonly monotonic: () => number;
  readonly clock: { now: number };
};

/** The API over memory: one caller, one own Region `euw1`, and a second cell `use1`. */
export const createApiWorld = (change: Partial<RouteDeps> = {}, base: Partial<WorldBase> = {}) => {
  const clock = base.clock ?? { now: NOW_MS };
  const store = base.store ?? createMemoryStore();
  const otherStore = createMemoryStore();
  const objects = base.objects ?? createMemoryObjects();
  const monotonic = base.monotonic ?? (() => performance.now());
  const lines: { readonly message: string; readonly fields: LogFields; readonly error?: unknown }[] = [];
  const counts: { readonly name: string; readonly dimensions: Dimensions }[] = [];
  const entry = createTestEntry(ISSUER, {
    limits: { ...createTestEntry(ISSUER).limits, types: ['*/*'], regions: ['euw1', 'use1'] },
  });
  const registry = { current: createTestRegistry([entry]) };
  const asked: string[] = [];
  const handedOn: Work[] = [];
  let tokens = 0;
  const deps = {
    store,
    objects,
    cells: new Map([
      ['euw1', store],
      ['use1', otherStore],
    ]),
    now: () => clock.now,
    parts: objects.parts,
    work: {
      // Through the message's own text, so that whatever does not survive the queue does not survive here.
      send: async (work: Work) => {
        const read = readWork(writeWork(work), 'euw1');
        if (read === undefined) throw new Error('work was written that cannot be read');
        handedOn.push(read);
      },
    },
    pause: (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds)),
    newToken: () => {
      tokens += 1;
      return `token ${tokens}`;
    },
    telemetry: {
      ...SILENT,
      log: {
        info: (message: string, fields: LogFields) => void lines.push({ message, fields }),
        warn: (message: string, fields: LogFields) => void lines.push({ message, fields }),
        error: (message: string, error: unknown, fields: LogFields) => void lines.push({ message, fields, error }),
      },
      measure: {
        ...SILENT.measure,
        count: (name: string, dimensions: Dimensions) => void counts.push({ name, dimensions }),
      },
    },
    ...change,
  };
  const api = createApi({
    ...deps,
    region: 'euw1',
    regions: ['euw1', 'use1'],
    corsOrigins: ['https://app.example'],
    registry: { get: async () => registry.current },
    askForKeys: async (issuerId) => void asked.push(issuerId),
    monotonic,
  });
  const tokenWith = (claims: Record<string, unknown> = {}): string =>
    signToken(ISSUER, { claims: { scope: ALL, ...claims } });
  const good = tokenWith();

  const ask = async (method: string, path: string, how: Ask = {}): Promise<Response> => {
    const { token = good, headers = {}, json } = how;
    const body = json === undefined ? how.body : JSON.stringify(json);
    return api(
      new Request(`https://api.invalid${path}`, {
        method,
        headers: {
          ...(token === null ? {} : { authorization: `Bearer ${token}` }),
          ...(json === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body }),
      }),
    );
  };
  return {
    ask,
    tokenWith,
    store,
    otherStore,
    objects,
    handedOn,
    clock,
    registry,
    /** Issuers whose keys the refresher was asked for. */
    asked,
    entry,
    lines,
    counts,
    owner: CALLER,
    grant: (wish: UploadWish = {}) => grantUpload({ ownerKey: CALLER, ...wish }),
  };
};

export type ApiWorld = ReturnType<typeof createApiWorld>;
