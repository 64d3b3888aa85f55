import type { AdaptiveLimit } from '../../client/adaptive-limit.ts';
import type { Client } from '../../client/client.ts';
import type { CommandContext } from '../commands/context.ts';
import { UsageError } from '../exit.ts';
import { formatBytes } from '../output.ts';
import type { TotalProgress } from '../progress.ts';
import { forTerminal } from '../sanitise.ts';
import type { Found } from './find-files.ts';
import { createInOrder } from './in-order.ts';
import { spool } from './spool.ts';
import { type OneUploaded, uploadOne } from './upload-one.ts';
import type { Wishes } from './wishes.ts';

/** What the whole call has come to. */
export type Tally = {
  files: number;
  /** Of `files`, those that the same command would not send again. */
  kept: number;
  failed: number;
  bytes: number;
  /** Of `bytes`, those sent in this run. */
  sent: number;
  /** Files that ended in the middle and can go on. */
  resumable: number;
};

export type Batch = {
  readonly context: CommandContext;
  readonly client: Client;
  readonly name: string | undefined;
  readonly type: string | undefined;
  readonly resume: boolean;
  readonly wishesFor: (size: number) => Wishes;
  readonly stdinLimit: number;
  readonly limit: AdaptiveLimit;
  readonly progress: TotalProgress;
  readonly tally: Tally;
};

const sendFile = async (
  batch: Batch,
  file: { readonly path: string; readonly size: number; readonly inFolder: string | null; readonly shown: string },
  name: string | undefined,
  resume: boolean,
): Promise<OneUploaded> => {
  const { context, tally } = batch;
  const bar = batch.progress.begin(file.shown, file.size);
  let inParts = false;
  try {
    return await uploadOne(batch.client, {
      path: file.path,
      inFolder: file.inFolder,
      name,
      type: batch.type,
      wishes: batch.wishesFor(file.size),
      resume,
      limit: batch.limit,
      signal: context.signal,
      onProgress: bar.update,
      onParts: () => {
        inParts = true;
      },
    });
  } catch (error) {
    if (inParts && resume) tally.resumable++;
    throw error;
  } finally {
    bar.end();
  }
};

const sendStdin = async (batch: Batch): Promise<OneUploaded> => {
  const { context, stdinLimit } = batch;
  const copy = await spool(process.stdin, stdinLimit, context.signal);
  try {
    const file = { path: copy.path, size: copy.size, inFolder: null, shown: 'standard input' };
    return await sendFile(batch, file, batch.name ?? 'stdin', false);
  } finally {
    await copy.remove();
  }
};

const send = async (
  batch: Batch,
  found: Exclude<Found, { kind: 'skipped' | 'folder' | 'hidden' }>,
): Promise<OneUploaded> => {
  if (found.kind === 'failed') throw found.error;
  if (found.kind === 'stdin') return sendStdin(batch);
  if (batch.name !== undefined && found.inFolder !== null) throw new UsageError('--name goes with one file');
  return sendFile(batch, { ...found, shown: found.path }, batch.name, batch.resume);
};

const tellDone = ({ context, tally }: Batch, path: string, { record, size, resumed }: OneUploaded): void => {
  tally.bytes += size;
  tally.sent += size - resumed;
  if (context.options.json === true) {
    context.output.data(JSON.stringify({ ...record, file: path }));
    return;
  }
  const before = resumed === 0 ? '' : `, ${resumed === size ? 'all' : formatBytes(resumed)} of it sent before`;
  context.output.data(record.id);
  context.output.notice(`${forTerminal(path)}: ${formatBytes(size)} in ${record.region}, ${record.state}${before}`);
};

/** Uploads one thing; gives what is to be told of it. */
const attempt = async (batch: Batch, found: Found): Promise<() => void> => {
  const { context, tally } = batch;
  if (found.kind === 'folder' || found.kind === 'hidden') return () => undefined;
  if (found.kind === 'skipped') return () => context.output.notice(`${forTerminal(found.path)}: skipped, ${found.why}`);
  try {
    const sent = await send(batch, found);
    tally.files++;
    if (batch.resume && found.kind === 'file') tally.kept++;
    return () => tellDone(batch, found.path, sent);
  } catch (error) {
    if (context.signal.aborted) return () => undefined;
    tally.failed++;
    return () => {
      context.output.failure(error, found.path);
    };
  }
};

/** Uploads what was found, as many files at once as requests are allowed; tells of each in the order in which it was found. */
export const sendAll = async (batch: Batch, found: AsyncGenerator<Found>): Promise<void> => {
  const order = createInOrder();
  const work = async () => {
    for (;;) {
      const next = await found.next();
      if (next.done === true || batch.context.signal.aborted) return;
      const place = order.place();
      const tell = await attempt(batch, next.value);
      place(() => batch.progress.above(tell));
    }
  };
  await Promise.all(Array.from({ length: batch.limit.max }, work));
};
