import { resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { setTimeout } from 'node:timers/promises';
import { UsageError } from '../exit.ts';
import type { DeploymentOptions } from '../issuers/deployment/deployment.ts';
import { openDeployment } from '../issuers/deployment/open-deployment.ts';
import { type CutMode, cutGrants, restoreGrants } from '../issuers/operations/cut-grants.ts';
import { lint as lintFolder } from '../issuers/operations/lint.ts';
import type { Operator } from '../issuers/operations/operator.ts';
import { diff, publish } from '../issuers/operations/publish.ts';
import { disable, enable, revoke, unrevoke } from '../issuers/operations/revoke.ts';
import { rollback } from '../issuers/operations/rollback.ts';
import type { Selectors } from '../issuers/operations/select-revocations.ts';
import { status } from '../issuers/operations/status.ts';
import { forTerminal } from '../sanitise.ts';
import type { CommandContext } from './context.ts';

/** The folder when none is named. */
const DEFAULT_FOLDER = 'issuers';
const YES = /^y(?:es)?$/i;

const ask = async (question: string, signal: AbortSignal): Promise<boolean> => {
  if (process.stdin.isTTY !== true)
    throw new UsageError(
      'nothing was published: there is nobody to ask; if the difference is what you want, add --yes',
    );
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return YES.test((await lines.question(`${forTerminal(question)} [y/N] `, { signal })).trim());
  } finally {
    lines.close();
  }
};

/** Runs an operation on the deployment that the options name, and closes it. */
const operate = async (
  context: CommandContext,
  flags: DeploymentOptions,
  work: (operator: Operator) => Promise<number>,
): Promise<number> => {
  const { environment, signal, output, options } = context;
  const deployment = await openDeployment(flags, environment, signal);
  try {
    return await work({
      deployment,
      output,
      json: options.json === true,
      now: Date.now,
      pause: (milliseconds) => setTimeout(milliseconds, undefined, { signal }),
      confirm: (question) => ask(question, signal),
    });
  } finally {
    deployment.close();
  }
};

const folderOf = ({ environment }: CommandContext, folder: string | undefined): string =>
  folder === undefined ? resolve(environment.cwd, DEFAULT_FOLDER) : resolve(environment.cwd, folder);

const reasonOf = (reason: string | undefined): string => {
  const text = reason?.trim() ?? '';
  if (text === '') throw new UsageError('--reason is empty: whoever reads the audit log must understand it');
  return text;
};

const modeOf = (cut: string | boolean | undefined): CutMode | null => {
  if (cut === undefined || cut === false) return null;
  if (cut === true || cut === 'print') return 'print';
  if (cut === 'apply') return 'apply';
  throw new UsageError('--cut-grants takes print or apply');
};

export type Flags = DeploymentOptions &
  Selectors & {
    readonly reason?: string;
    readonly yes?: boolean;
    readonly cutGrants?: string | boolean;
    readonly restoreGrants?: boolean;
    readonly local?: boolean;
  };

type Run = (context: CommandContext, flags: Flags, argument: string | undefined) => Promise<number>;

const needed = (argument: string | undefined): string => argument ?? '';

const versionOf = (text: string): number => {
  const version = /^[1-9]\d{0,14}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isNaN(version))
    throw new UsageError('rollback takes the number of a version; issuers status shows which is published');
  return version;
};

const runDisable: Run = async (context, flags, argument) => {
  const mode = modeOf(flags.cutGrants);
  return operate(context, flags, async (operator) => {
    const code = await disable(operator, needed(argument), {
      reason: reasonOf(flags.reason),
      cutsGrants: mode !== null,
    });
    return mode === null ? code : Math.max(code, await cutGrants(operator, needed(argument), mode));
  });
};

const runEnable: Run = (context, flags, argument) =>
  operate(context, flags, async (operator) => {
    const code = await enable(operator, needed(argument), reasonOf(flags.reason));
    return flags.restoreGrants === true ? Math.max(code, await restoreGrants(operator, needed(argument))) : code;
  });

/** What each `issuers` command does. */
export const ISSUERS_COMMANDS = {
  lint: async (context, flags, folder) =>
    lintFolder({ output: context.output, json: context.options.json === true }, folderOf(context, folder), {
      allowLoopback: flags.local === true,
    }),
  diff: (context, flags, folder) => operate(context, flags, (operator) => diff(operator, folderOf(context, folder))),
  publish: (context, flags, folder) =>
    operate(context, flags, (operator) =>
      publish(operator, folderOf(context, folder), { yes: flags.yes === true, reason: flags.reason ?? null }),
    ),
  status: (context, flags) => operate(context, flags, status),
  revoke: (context, flags, issuer) =>
    operate(context, flags, (operator) => revoke(operator, needed(issuer), flags, reasonOf(flags.reason))),
  unrevoke: (context, flags, issuer) =>
    operate(context, flags, (operator) => unrevoke(operator, needed(issuer), flags, reasonOf(flags.reason))),
  disable: runDisable,
  enable: runEnable,
  rollback: (context, flags, version) =>
    operate(context, flags, (operator) =>
      rollback(operator, versionOf(needed(version)), { yes: flags.yes === true, reason: flags.reason ?? null }),
    ),
} as const satisfies Readonly<Record<string, Run>>;

/** Name of an `issuers` command. */
export type IssuersCommand = keyof typeof ISSUERS_COMMANDS;
