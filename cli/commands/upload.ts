import { createAdaptiveLimit } from '../../client/adaptive-limit.ts';
import { EXIT, UsageError } from '../exit.ts';
import { formatBytes } from '../output.ts';
import { startTotalProgress } from '../progress.ts';
import { type Coming, countFiles } from '../upload/count-files.ts';
import { findFiles } from '../upload/find-files.ts';
import { parseSize } from '../upload/parse-size.ts';
import { type Batch, sendAll, type Tally } from '../upload/send-all.ts';
import { STDIN_MAX_BYTES } from '../upload/spool.ts';
import { readWishes, type WishFlags } from '../upload/wishes.ts';
import { type CommandContext, withSession } from './context.ts';

export type UploadFlags = WishFlags & {
  readonly type?: string;
  readonly name?: string;
  readonly concurrency?: number;
  readonly stdinLimit?: string;
  readonly resume?: boolean;
  readonly hidden?: boolean;
};

const CONCURRENCY = 4;

const parseStdinLimit = (text: string | undefined): number => {
  if (text === undefined) return STDIN_MAX_BYTES;
  const bytes = parseSize(text);
  if (bytes === undefined) throw new UsageError(`--stdin-limit ${text} is no size, such as 20GiB`);
  return bytes;
};

const filesOf = (count: number): string => (count === 1 ? '1 file' : `${count} files`);

/** Says before a folder is sent what comes of the whole call, and what does not. */
const tellComing = (context: CommandContext, { files, bytes, hidden }: Coming, stdin: boolean): void => {
  const more = stdin ? ' and standard input' : '';
  const left = hidden === 0 ? '' : `; left out ${hidden} hidden (names that begin with a dot): --hidden takes them too`;
  context.output.notice(`uploading ${filesOf(files)}, ${formatBytes(bytes)}${more}${left}`);
};

const tellTotal = ({ context, tally }: Batch, startedAt: number): void => {
  if (tally.files + tally.failed < 2) return;
  const seconds = Math.max(0.001, (performance.now() - startedAt) / 1_000);
  const rate = `${formatBytes(Math.round(tally.sent / seconds))}/s`;
  const failed = tally.failed === 0 ? '' : `, ${tally.failed} failed`;
  context.output.notice(
    `${filesOf(tally.files)}, ${formatBytes(tally.bytes)} in ${seconds.toFixed(1)} s (${rate})${failed}`,
  );
};

/** What a repeated run would not send again; empty when that is nothing. */
const keptOf = ({ kept, resumable }: Tally): string => {
  const finished = kept === 0 ? [] : [`${filesOf(kept)} ${kept === 1 ? 'is' : 'are'} finished`];
  const begun = resumable === 0 ? [] : [`S3 keeps what it has of ${filesOf(resumable)}`];
  return [...finished, ...begun].join(', ');
};

const interruption = (tally: Tally): Error => {
  const kept = keptOf(tally);
  return new Error(kept === '' ? 'interrupted' : `interrupted; ${kept}: run the same command again to go on`);
};

/** `upload FILE…`: files and folders, several at once; a failed file does not stop the others, but the exit code tells. */
export const upload = (context: CommandContext, files: readonly string[], flags: UploadFlags): Promise<number> => {
  const wishesFor = readWishes(flags);
  const stdinLimit = parseStdinLimit(flags.stdinLimit);
  const { token, tokenFile } = context.options;
  if (files.includes('-') && (token === '-' || tokenFile === '-'))
    throw new UsageError('standard input can be the token or the file, not both');
  return withSession(context, async ({ client, forgetFinished }) => {
    const find = () => findFiles(files, flags.hidden === true);
    const coming = await countFiles(find(), context.signal);
    if (coming.folders > 0 && !context.signal.aborted) tellComing(context, coming, files.includes('-'));
    const batch: Batch = {
      context,
      client,
      name: flags.name,
      type: flags.type,
      resume: flags.resume !== false,
      wishesFor,
      stdinLimit,
      limit: createAdaptiveLimit(flags.concurrency ?? CONCURRENCY),
      progress: startTotalProgress(context.showProgress, coming),
      tally: { files: 0, kept: 0, failed: 0, bytes: 0, sent: 0, resumable: 0 },
    };
    const startedAt = performance.now();
    try {
      await sendAll(batch, find());
    } finally {
      batch.progress.stop();
    }
    if (context.signal.aborted) throw interruption(batch.tally);
    tellTotal(batch, startedAt);
    if (batch.tally.failed === 0) {
      await forgetFinished();
      return EXIT.done;
    }
    const kept = keptOf(batch.tally);
    if (kept !== '') context.output.notice(`${kept}: run the same command again for the rest`);
    return EXIT.failed;
  });
};
