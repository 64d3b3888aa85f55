import type { CreatedUpload } from '../../core/contract/records.ts';
import type { OpenCell, TableItem } from './cell.ts';
import { ask, callGateway, codeOf, create, finalize, put, someFile, until } from './gateway.ts';
import type { LocalJson } from './platform.ts';

/** An upload that was brought into a state. */
export type StagedUpload = {
  readonly id: string;
  /** Of its object. */
  readonly key: string;
  /** What created it. */
  readonly body: object;
  /** S3's id of its open parts; a made-up one for an upload without. */
  readonly uploadId: string;
};

/** What bringing an upload into a state needs. */
export type Stage = { readonly platform: LocalJson; readonly cell: OpenCell; readonly token: string };

type Step = (stage: Stage) => Promise<StagedUpload>;

const REGION = 'euw1';
const PART_SIZE = 5 * 1_048_576;
const DAY_MS = 86_400_000;
/** Many uploads wait for their events at once. */
const EVENTS_WITHIN_MS = 60_000;

const keyOf = (url: string): string => decodeURIComponent(new URL(url).pathname).split('/').slice(2).join('/');

/** Waits until the record in the table says so. */
const untilItem = ({ cell }: Stage, key: string, is: (item: TableItem) => boolean): Promise<TableItem | undefined> =>
  until(
    () => cell.item(key),
    (item) => item !== undefined && is(item),
    EVENTS_WITHIN_MS,
  );

type Begun = StagedUpload & { readonly created: CreatedUpload; readonly bytes: Buffer };

/** Created, and the event that tells of it heard, so that nothing comes later. */
const begin = async (stage: Stage, size: number, more: object): Promise<Begun> => {
  const { bytes, body } = someFile(size, { preferRegion: REGION, ...more });
  const created = await create(stage.platform, stage.token, body);
  const url = created.put?.url ?? created.multipart?.parts[0]?.url ?? '';
  const begun = {
    id: created.id,
    key: keyOf(url),
    body,
    uploadId: created.multipart?.uploadId ?? 'none',
    created,
    bytes,
  };
  await untilItem(stage, begun.key, ({ creator }) => creator !== null);
  return begun;
};

const planned = (stage: Stage): Promise<Begun> => begin(stage, 64, {});

/** Sends the bytes and waits until S3's event was heard. */
const received = async (stage: Stage, headers: Readonly<Record<string, string>> = {}): Promise<Begun> => {
  const begun = await planned(stage);
  const { put: granted } = begun.created;
  const sent =
    granted === undefined
      ? await put(begun.created, begun.bytes)
      : await ask(granted.url, { method: 'PUT', headers: { ...granted.headers, ...headers }, body: begun.bytes });
  if (sent.status !== 200) throw new Error(`S3 answered ${sent.status}: ${sent.text}`);
  await untilItem(stage, begun.key, ({ pin }) => pin !== undefined);
  return begun;
};

const uploaded = async (stage: Stage): Promise<Begun> => {
  const begun = await received(stage);
  const done = await finalize(stage.platform, stage.token, begun.id);
  if (done.status !== 200) throw new Error(`finalize answered ${done.status}: ${done.text}`);
  return begun;
};

/** Two parts are planned and the second, of one byte, is there. */
const inParts = async (stage: Stage): Promise<Begun> => {
  const begun = await begin(stage, PART_SIZE + 1, { method: 'multipart', partSize: PART_SIZE });
  const last = begun.created.multipart?.parts[1];
  if (last === undefined) throw new Error('two parts were to be signed');
  const sent = await ask(last.url, { method: 'PUT', headers: last.headers, body: begun.bytes.subarray(PART_SIZE) });
  if (sent.status !== 200) throw new Error(`S3 answered ${sent.status}: ${sent.text}`);
  return begun;
};

const ended = async ({ platform, token }: Stage, method: string, path: string): Promise<void> => {
  const answer = await callGateway(platform, method, `/v1/uploads/${path}`, { token });
  if (answer.status !== 204) throw new Error(`${method} ${path} answered ${answer.status}: ${answer.text}`);
};

/** Writes other members into the record, as time or a process that died would have left it. */
const rewrite = async ({ cell }: Stage, { key }: Begun, change: (item: TableItem) => TableItem): Promise<void> => {
  const item = await cell.item(key);
  if (item === undefined) throw new Error('there is no record to change');
  await cell.replace(key, change(item));
};

/** How an upload comes into each state, by a name that tells it. */
export const STAGES = {
  'without a record, without bytes': async (stage) => {
    const begun = await planned(stage);
    await stage.cell.forget(begun.key);
    return begun;
  },
  'without a record, with bytes': async (stage) => {
    const begun = await received(stage);
    await stage.cell.forget(begun.key);
    return begun;
  },
  CREATED: planned,
  'CREATED, with a part': inParts,
  COMPLETING: async (stage) => {
    const begun = await inParts(stage);
    const until = new Date(Date.now() + DAY_MS).toISOString();
    const { uploadId } = begun;
    await rewrite(stage, begun, (item) => ({
      ...item,
      state: 'COMPLETING',
      uploadId,
      lease: { token: 'another request', until },
    }));
    return begun;
  },
  RECEIVED: (stage) => received(stage),
  UPLOADED: uploaded,
  REJECTED: async (stage) => {
    const begun = await received(stage, { 'cache-control': 'public, max-age=31536000' });
    const code = codeOf(await finalize(stage.platform, stage.token, begun.id));
    if (code !== 'upload_rejected') throw new Error(`finalize answered ${code}`);
    return begun;
  },
  ABORTED: async (stage) => {
    const begun = await planned(stage);
    await ended(stage, 'POST', `${begun.id}/abort`);
    return begun;
  },
  EXPIRED: async (stage) => {
    const begun = await planned(stage);
    const createdAt = new Date(Date.now() - 8 * DAY_MS).toISOString();
    await rewrite(stage, begun, (item) => ({ ...item, createdAt, createdId: `${createdAt}#${begun.id}` }));
    return begun;
  },
  DELETED: async (stage) => {
    const begun = await uploaded(stage);
    await ended(stage, 'DELETE', begun.id);
    return begun;
  },
  purged: async (stage) => {
    const begun = await uploaded(stage);
    await ended(stage, 'DELETE', begun.id);
    await rewrite(stage, begun, ({ id, ownerKey, version }) => ({ state: 'PURGED', id, ownerKey, version }));
    return begun;
  },
} as const satisfies Readonly<Record<string, Step>>;

export type StageName = keyof typeof STAGES;
export const STAGE_NAMES = Object.keys(STAGES) as StageName[];
