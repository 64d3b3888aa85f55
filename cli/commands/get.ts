import { resolve } from 'node:path';
import { downloadToFile, downloadToStream } from '../download.ts';
import { EXIT } from '../exit.ts';
import { formatBytes } from '../output.ts';
import { startProgress } from '../progress.ts';
import { forFileName } from '../sanitise.ts';
import { type CommandContext, withSession } from './context.ts';

/** `get ID [-o FILE]`: the bytes, checked, under their own name or the one given; `-o -` writes them to standard output. */
export const get = (context: CommandContext, id: string, flags: { readonly output?: string }): Promise<number> =>
  withSession(context, async ({ client }) => {
    const record = await client.get(id, { signal: context.signal });
    if (flags.output === '-') {
      await downloadToStream(record, context.stdout, context.signal);
      return EXIT.done;
    }
    const path = resolve(context.environment.cwd, flags.output ?? forFileName(record.name ?? record.id));
    const progress = startProgress(path, record.size ?? 0, context.showProgress);
    try {
      await downloadToFile(
        record,
        { path, replace: flags.output !== undefined },
        { signal: context.signal, onProgress: progress.update },
      );
    } finally {
      progress.stop();
    }
    if (context.options.json === true) context.output.data(JSON.stringify({ id, file: path, size: record.size }));
    else context.output.notice(`${formatBytes(record.size ?? 0)} in ${path}`);
    return EXIT.done;
  });
