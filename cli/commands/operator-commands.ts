import type { Command } from 'commander';
import type { CommandContext } from './context.ts';
import type { ExplainFlags } from './explain-token.ts';
import type { Flags, IssuersCommand } from './issuers.ts';

/** Runs a command's work and turns whatever it throws into a report and an exit code. */
export type Run = (command: Command, work: (context: CommandContext) => Promise<number>) => Promise<void>;

const withDeployment = (command: Command): Command =>
  command
    .option('--env <name>', 'deployment on AWS, such as prod (else the local platform)')
    .option('--regions <codes>', 'all its Regions, the primary one first, such as euw1,use1')
    .option('--account <digits>', "its account (else that of the caller's credentials)")
    .option('--data <dir>', "the local platform's data folder (or NEARPUT_DATA)")
    .option('--json', 'print JSON, one value a line')
    .exitOverride();

const withSelectors = (command: Command): Command =>
  command
    .option('--kid <kid>', 'a key: its kid, or its RFC 7638 thumbprint')
    .option('--token <jti>', 'one token')
    .option('--subject <subject>', 'one person, in every tenant')
    .option('--issued-before <time>', 'every token issued before a moment (ISO 8601 in UTC, or now)')
    .requiredOption('--reason <text>', 'why; kept in the audit log');

const addIssuers = (program: Command, run: Run): void => {
  const issuers = program.command('issuers').description('look after who gets in: the issuer registry').exitOverride();
  const add = (name: IssuersCommand, argument: string, description: string): Command =>
    withDeployment(issuers.command(argument === '' ? name : `${name} ${argument}`).description(description));
  const act = (name: IssuersCommand, command: Command): Command =>
    command.action((...given: unknown[]) => {
      const [argument] = command.args;
      return run(command, async (context) => {
        // The SDK takes a moment to load, and no other command needs it.
        const { ISSUERS_COMMANDS } = await import('./issuers.ts');
        return ISSUERS_COMMANDS[name](context, given.at(-2) as Flags, argument);
      });
    });
  act(
    'lint',
    add('lint', '[dir]', 'every fault of a folder of issuers at once (default: issuers)').option(
      '--local',
      'for the local platform: key sets may lie on this machine',
    ),
  );
  act('diff', add('diff', '[dir]', 'what publishing the folder would change, in words'));
  act(
    'publish',
    add('publish', '[dir]', 'lint, show the difference, ask, and write to every Region')
      .option('--yes', 'do not ask')
      .option('--reason <text>', 'why; kept in the audit log'),
  );
  act('status', add('status', '', 'version, age and key freshness of every Region, and what is revoked'));
  act(
    'revoke',
    withSelectors(add('revoke', '<issuer>', 'cut off a key, a token, a person or everything before a moment')),
  );
  act('unrevoke', withSelectors(add('unrevoke', '<issuer>', 'let in again what revoke cut off')));
  act(
    'disable',
    add('disable', '<issuer>', 'cut off an issuer with everybody of it')
      .option('--cut-grants [mode]', 'print (or apply) the bucket policy that ends URLs already handed out')
      .requiredOption('--reason <text>', 'why; kept in the audit log'),
  );
  act(
    'enable',
    add('enable', '<issuer>', 'undo disable')
      .option('--restore-grants', 'take what --cut-grants apply wrote out of the bucket policies')
      .requiredOption('--reason <text>', 'why; kept in the audit log'),
  );
  act(
    'rollback',
    add('rollback', '<version>', 'publish the entries of an old version under a new, higher one; revocations stay')
      .option('--yes', 'do not ask')
      .option('--reason <text>', 'why; kept in the audit log'),
  );
};

/** Adds what operators use: `issuers` and `explain-token`. */
export const addOperatorCommands = (program: Command, run: Run): void => {
  addIssuers(program, run);
  const command = withDeployment(
    program
      .command('explain-token [token]')
      .description('every check the gate makes of a token, with its verdict; never prints it'),
  )
    .option('--issuers <dir>', 'explain by the entries of a folder instead of the published registry')
    .option('--jwks <file>', "with --issuers: the key set of the token's issuer")
    .option('--at <time>', 'explain for a moment (ISO 8601 in UTC)')
    .option('--token <jwt>', 'the token (or NEARPUT_TOKEN; - reads standard input)')
    .option('--token-file <file>', 'file that holds the token');
  command.action((argument: string | undefined, flags: ExplainFlags) =>
    run(command, async (context) => (await import('./explain-token.ts')).explain(context, argument, flags)),
  );
};
