import { createHash } from 'node:crypto';
import type { Client } from '../../client/client.ts';
import { fileSource } from '../../client/node/file-source.ts';
import type { UploadSource } from '../../client/source.ts';
import { EXIT } from '../exit.ts';
import { formatBytes } from '../output.ts';
import { startProgress } from '../progress.ts';
import { forTerminal } from '../sanitise.ts';
import { type CommandContext, withSession } from './context.ts';

export type UploadFlags = {
  readonly type?: string;
  readonly name?: string;
  readonly sha256?: boolean;
  readonly preferRegion?: string;
};

const sha256Of = async (source: UploadSource): Promise<string> => {
  const hash = createHash('sha256');
  for await (const chunk of source.open()) hash.update(chunk);
  return hash.digest('hex');
};

const uploadOne = async (context: CommandContext, client: Client, path: string, flags: UploadFlags): Promise<void> => {
  const source = await fileSource(path, { name: flags.name, type: flags.type });
  const progress = startProgress(path, source.size, context.showProgress);
  try {
    const record = await client.upload(source, {
      signal: context.signal,
      onProgress: ({ sent }) => progress.update(sent),
      ...(flags.sha256 === true ? { sha256: await sha256Of(source) } : {}),
      ...(flags.preferRegion === undefined ? {} : { preferRegion: flags.preferRegion }),
    });
    progress.stop();
    if (context.options.json === true) context.output.data(JSON.stringify({ ...record, file: path }));
    else {
      context.output.data(record.id);
      context.output.notice(`${forTerminal(path)}: ${formatBytes(source.size)} in ${record.region}, ${record.state}`);
    }
  } finally {
    progress.stop();
  }
};

/** `upload FILE…`: one after the other; a failed file does not stop the next, but the exit code tells. */
export const upload = (context: CommandContext, files: readonly string[], flags: UploadFlags): Promise<number> =>
  withSession(context, async ({ client }) => {
    let code: number = EXIT.done;
    for (const file of files) {
      try {
        await uploadOne(context, client, file, flags);
      } catch (error) {
        if (context.signal.aborted) throw error;
        code = Math.max(EXIT.failed, context.output.failure(error, file));
      }
    }
    return code === EXIT.done ? EXIT.done : EXIT.failed;
  });
