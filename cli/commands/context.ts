import type { Output } from '../output.ts';
import type { Environment, GlobalOptions, Session } from '../session.ts';

/** What every command works with. */
export type CommandContext = {
  readonly options: GlobalOptions;
  readonly environment: Environment;
  readonly output: Output;
  readonly signal: AbortSignal;
  /** Whether a progress bar may be shown. */
  readonly showProgress: boolean;
  readonly stdout: NodeJS.WritableStream;
  readonly open: () => Session;
};

/** Runs a command's work on an open session and closes it. Gives the exit code. */
export const withSession = async (
  context: CommandContext,
  work: (session: Session) => Promise<number>,
): Promise<number> => {
  const session = context.open();
  try {
    return await work(session);
  } finally {
    session.close();
  }
};
