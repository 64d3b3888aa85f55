import { resolve } from 'node:path';
import { ConnectionError, StorageError } from '../../client/errors.ts';
import { downloadToFile, downloadToStream } from '../download/download.ts';
import { EXIT } from '../exit.ts';
import { inWriteWords } from '../file-error.ts';
import { formatBytes } from '../output.ts';
import { startProgress } from '../progress.ts';
import { forFileName } from '../sanitise.ts';
import { type CommandContext, withSession } from './context.ts';

const GO_ON = 'what came so far is kept: run the same command again to go on';

/** `get ID [-o FILE]`: the bytes, checked, under their own name or the one given; `-o -` writes them to standard output. */
export const get = (context: CommandContext, id: string, flags: { readonly output?: string }): Promise<number> =>
  withSession(context, async ({ client }) => {
    const { signal } = context;
    const record = await client.get(id, { signal });
    // Here the whole file is compared with everything the record knows, also what an earlier run brought.
    const source = { record, read: (start: number) => client.download(record, { start, signal, verify: false }) };
    if (flags.output === '-') {
      await downloadToStream(source, context.stdout);
      return EXIT.done;
    }
    const path = resolve(context.environment.cwd, flags.output ?? forFileName(record.name ?? record.id));
    const progress = startProgress(path, record.size ?? 0, context.showProgress);
    let received = 0;
    try {
      await downloadToFile(source, { path, replace: flags.output !== undefined }, (bytes) => {
        received = bytes;
        progress.update(bytes);
      });
    } catch (error) {
      const passing = signal.aborted || error instanceof ConnectionError || error instanceof StorageError;
      if (passing && received > 0) context.output.notice(GO_ON);
      throw inWriteWords(error, path);
    } finally {
      progress.stop();
    }
    if (context.options.json === true) context.output.data(JSON.stringify({ id, file: path, size: record.size }));
    else context.output.notice(`${formatBytes(record.size ?? 0)} in ${path}`);
    return EXIT.done;
  });
