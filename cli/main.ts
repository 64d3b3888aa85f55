import { readFileSync } from 'node:fs';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import type { CommandContext } from './commands/context.ts';
import { get } from './commands/get.ts';
import { token, whoami } from './commands/identity.ts';
import { addOperatorCommands } from './commands/operator-commands.ts';
import { parts } from './commands/parts.ts';
import { abort, ls, restore, rm, show } from './commands/records.ts';
import { type UploadFlags, upload } from './commands/upload.ts';
import { EXIT } from './exit.ts';
import { createOutput } from './output.ts';
import { type GlobalOptions, openSession } from './session.ts';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

const positive = (text: string): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('Give a whole number of at least 1.');
  return value;
};

const interrupted = new AbortController();
process.once('SIGINT', () => interrupted.abort(new Error('interrupted')));
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT.done);
  throw error;
});

/** Runs a command's work and turns whatever it throws into a report and an exit code. */
const run = async (command: Command, work: (context: CommandContext) => Promise<number>): Promise<void> => {
  const options: GlobalOptions = command.optsWithGlobals();
  const output = createOutput(process, options.json === true);
  const environment = { env: process.env, cwd: process.cwd(), notice: output.notice };
  try {
    process.exitCode = await work({
      options,
      environment,
      output,
      signal: interrupted.signal,
      showProgress: process.stderr.isTTY === true && options.json !== true,
      stdout: process.stdout,
      open: () => openSession(options, environment),
    });
  } catch (error) {
    const code = output.failure(error);
    process.exitCode = interrupted.signal.aborted ? EXIT.interrupted : code;
  }
};

const withGlobals = (command: Command): Command =>
  command
    .option('--endpoint <url>', 'gateway to talk to (or NEARPUT_URL; else a running local platform)')
    .option('--token <jwt>', 'bearer token (or NEARPUT_TOKEN; - reads standard input)')
    .option('--token-file <file>', 'file that holds the token (- reads standard input)')
    .option('--json', 'print JSON, one value a line')
    .option('--data <dir>', "the local platform's data folder (or NEARPUT_DATA)");

const program = new Command('nearput')
  .description('Upload files through the nearest edge location, straight to S3.')
  .version(version)
  .showHelpAfterError('(nearput help COMMAND tells more)')
  .exitOverride();

const add = (usage: string, description: string): Command =>
  withGlobals(program.command(usage).description(description)).exitOverride();

add('upload <file...>', 'upload files and folders and print their ids (- is standard input)')
  .option('--hidden', 'take also what begins with a dot in folders (left out otherwise)')
  .option('--name <name>', 'name to keep instead of the file name (one file only)')
  .option('--type <type>', 'media type, such as image/png, instead of the one its name suggests')
  .option('--sha256', 'hash the bytes first, so that S3 checks them while they arrive')
  .option('--prefer-region <code>', 'Region to use if it is allowed, such as euw1')
  .option('--concurrency <n>', 'requests to S3 at once, over all files (default 4)', positive)
  .option('--part-size <size>', 'size of parts, such as 16MiB (default: as the gateway plans)')
  .option('--method <method>', 'auto, put, form or multipart (default auto: parts above 64 MiB)')
  .option('--no-resume', 'begin anew, and do not remember what was sent')
  .option('--stdin-limit <size>', 'most bytes to take from standard input (default 16GiB)')
  .action((files: string[], flags: UploadFlags, command: Command) => {
    if (flags.name !== undefined && files.length > 1)
      command.error('error: --name goes with one file', { exitCode: EXIT.usage });
    return run(command, (context) => upload(context, files, flags));
  });
add('get <id>', 'download an upload, checked against its record')
  .option('-o, --output <file>', 'where to write (- is standard output)')
  .action((id: string, flags: { output?: string }, command: Command) =>
    run(command, (context) => get(context, id, flags)),
  );
add('ls', 'list your uploads, newest first')
  .option('--state <state>', 'only uploads in this state')
  .option('--limit <n>', 'at most so many', positive)
  .action((flags: { state?: string; limit?: number }, command: Command) =>
    run(command, (context) => ls(context, flags)),
  );
add('show <id>', 'print one record').action((id: string, _: object, command: Command) =>
  run(command, (context) => show(context, id)),
);
add('rm <id...>', 'delete uploads (they can be restored for a while)').action(
  (ids: string[], _: object, command: Command) => run(command, (context) => rm(context, ids)),
);
add('restore <id>', 'undo rm').action((id: string, _: object, command: Command) =>
  run(command, (context) => restore(context, id)),
);
add('parts <id>', 'print which parts of an unfinished upload S3 has').action(
  (id: string, _: object, command: Command) => run(command, (context) => parts(context, id)),
);
add('abort <id>', 'end an unfinished upload').action((id: string, _: object, command: Command) =>
  run(command, (context) => abort(context, id)),
);
add('whoami', 'print what your token is and may do').action((_: object, command: Command) => run(command, whoami));
add('token', 'print a token of the local test issuer')
  .option('--issuer <id>', 'test issuer', 'local')
  .option('--sub <subject>', 'subject')
  .option('--tenant <tenant>', 'tenant')
  .option('--scope <scope>', 'permissions, separated by spaces')
  .option('--expires-in <seconds>', 'life of the token', positive)
  .action(
    (flags: { issuer: string; sub?: string; tenant?: string; scope?: string; expiresIn?: number }, command: Command) =>
      run(command, (context) =>
        token(context, {
          issuer: flags.issuer,
          sub: flags.sub,
          tenant: flags.tenant,
          scope: flags.scope,
          expiresIn: flags.expiresIn,
        }),
      ),
  );
addOperatorCommands(program, run);

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? EXIT.done : EXIT.usage;
}
