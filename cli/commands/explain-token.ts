import { resolve } from 'node:path';
import { EXIT, UsageError } from '../exit.ts';
import type { DeploymentOptions } from '../issuers/deployment/deployment.ts';
import { openDeployment } from '../issuers/deployment/open-deployment.ts';
import { explainToken } from '../issuers/explain/explain-token.ts';
import { formatExplanation } from '../issuers/explain/format-explanation.ts';
import { type LoadedRegistry, loadFolderRegistry, loadLiveRegistry } from '../issuers/explain/load-registry.ts';
import { parseMoment } from '../issuers/operations/select-revocations.ts';
import { readTokenFile } from '../token.ts';
import type { CommandContext } from './context.ts';

export type ExplainFlags = DeploymentOptions & {
  /** Folder to explain by instead of the published registry. */
  readonly issuers?: string;
  /** File with the key set of the token's issuer. */
  readonly jwks?: string;
  /** Moment to explain for. */
  readonly at?: string;
};

const NO_TOKEN = 'no token: give it as argument, - to read standard input, --token-file or NEARPUT_TOKEN';

const tokenOf = ({ options, environment }: CommandContext, argument: string | undefined): string => {
  const told = argument ?? options.token;
  if (told === '-') return readTokenFile('-');
  if (told !== undefined) return told.trim();
  if (options.tokenFile !== undefined) return readTokenFile(options.tokenFile);
  const fromEnvironment = environment.env['NEARPUT_TOKEN'];
  if (fromEnvironment === undefined || fromEnvironment === '') throw new UsageError(NO_TOKEN);
  return fromEnvironment.trim();
};

const load = async (context: CommandContext, flags: ExplainFlags, nowMs: number): Promise<LoadedRegistry> => {
  const { environment, signal } = context;
  if (flags.issuers !== undefined) {
    return loadFolderRegistry(resolve(environment.cwd, flags.issuers), flags.jwks, nowMs);
  }
  if (flags.jwks !== undefined)
    throw new UsageError('--jwks goes with --issuers: the published registry has its own keys');
  const deployment = await openDeployment(flags, environment, signal);
  try {
    return await loadLiveRegistry(deployment.regions);
  } finally {
    deployment.close();
  }
};

/** `explain-token [TOKEN|-]`: every check the gate makes, with its verdict. Exit 0 if the token is let in, 1 if it is refused. Never prints it. */
export const explain = async (
  context: CommandContext,
  argument: string | undefined,
  flags: ExplainFlags,
): Promise<number> => {
  const token = tokenOf(context, argument);
  const nowMs = flags.at === undefined ? Date.now() : Date.parse(parseMoment(flags.at, Date.now(), '--at'));
  const { registry, from, warnings } = await load(context, flags, nowMs);
  for (const warning of warnings) context.output.notice(`warning: ${warning}`);
  const at = new Date(nowMs).toISOString();
  const explanation = await explainToken(token, registry, nowMs);
  if (context.options.json === true) context.output.data(JSON.stringify({ from, at, ...explanation }));
  else {
    context.output.data(`by ${from}, at ${at}`);
    for (const line of formatExplanation(explanation)) context.output.data(line);
  }
  return explanation.accepted ? EXIT.done : EXIT.failed;
};
