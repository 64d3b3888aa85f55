import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

/** What `npm start` was asked for. */
export interface StartArguments {
  /** Port of the front door; null: the one of the last start on this data, else 8080. */
  readonly port: number | null;
  /** Absolute folder. */
  readonly data: string;
  /** Absolute folder with further issuer entries. */
  readonly issuers: string | null;
  /** Adds the round trips of the simulated distances. */
  readonly latency: boolean;
  /** Most Lambda@Edge instances at one time. */
  readonly edgeInstances: number;
}

export type ParsedArguments<Arguments> =
  | { readonly kind: 'run'; readonly arguments: Arguments }
  | { readonly kind: 'help'; readonly text: string }
  | { readonly kind: 'usage'; readonly text: string };

/** Folder of the platform's data when none is named, beside package.json. */
export const DEFAULT_DATA = '.nearput';

const HELP = `Runs the whole of nearput on this machine, on 127.0.0.1 alone.

  npm start -- [options]

  --port P            port of the front door (default: that of the last start, else 8080)
  --data DIR          folder for everything that is kept (default: ${DEFAULT_DATA})
  --issuers DIR       adds the issuer entries in DIR/*.json to the five test issuers
  --latency           adds the round trips of the simulated distances
  --edge-instances N  most Lambda@Edge instances at one time (default: 32)
  --help              this text

Ends on Ctrl-C, SIGTERM, npm stop, or when its parent is gone.
`;

const STOP_HELP = `Stops the platform that runs on a data folder.

  npm stop -- [--data DIR]

  --data DIR   its folder (default: ${DEFAULT_DATA})
`;

/** Reads the arguments of `npm start`. Relative folders are relative to `cwd`, the default one to `root`. */
export function parseStartArguments(
  argv: readonly string[],
  { cwd, root }: { readonly cwd: string; readonly root: string },
): ParsedArguments<StartArguments> {
  const parsed = parse(argv, {
    port: { type: 'string' },
    data: { type: 'string' },
    issuers: { type: 'string' },
    latency: { type: 'boolean' },
    'edge-instances': { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  });
  if (typeof parsed === 'string') return usage(parsed);
  if (parsed['help'] === true) return { kind: 'help', text: HELP };
  const port = parsed['port'] === undefined ? null : wholeNumber(parsed['port'], 1, 65_535);
  if (port === undefined) return usage('--port takes a number from 1 to 65535');
  const edgeInstances = wholeNumber(parsed['edge-instances'] ?? '32', 1, 256);
  if (edgeInstances === undefined) return usage('--edge-instances takes a number from 1 to 256');
  if (parsed['data'] === '' || parsed['issuers'] === '') return usage('--data and --issuers take a folder');
  return {
    kind: 'run',
    arguments: {
      port,
      data: dataFolder(parsed['data'], cwd, root),
      issuers: parsed['issuers'] === undefined ? null : resolve(cwd, String(parsed['issuers'])),
      latency: parsed['latency'] === true,
      edgeInstances,
    },
  };
}

/** Reads the arguments of `npm stop`. */
export function parseStopArguments(
  argv: readonly string[],
  { cwd, root }: { readonly cwd: string; readonly root: string },
): ParsedArguments<{ readonly data: string }> {
  const parsed = parse(argv, { data: { type: 'string' }, help: { type: 'boolean', short: 'h' } });
  if (typeof parsed === 'string') return { kind: 'usage', text: `${parsed}\n\n${STOP_HELP}` };
  if (parsed['help'] === true) return { kind: 'help', text: STOP_HELP };
  return { kind: 'run', arguments: { data: dataFolder(parsed['data'], cwd, root) } };
}

type Options = NonNullable<NonNullable<Parameters<typeof parseArgs>[0]>['options']>;

function parse(argv: readonly string[], options: Options): Readonly<Record<string, unknown>> | string {
  try {
    return parseArgs({ args: [...argv], options, strict: true, allowPositionals: false }).values;
  } catch (error) {
    if (error instanceof TypeError) return error.message;
    throw error;
  }
}

function usage(reason: string): { kind: 'usage'; text: string } {
  return { kind: 'usage', text: `${reason}\n\n${HELP}` };
}

function wholeNumber(value: unknown, min: number, max: number): number | undefined {
  const number = /^\d+$/.test(String(value)) ? Number(value) : Number.NaN;
  return number >= min && number <= max ? number : undefined;
}

function dataFolder(data: unknown, cwd: string, root: string): string {
  return data === undefined ? resolve(root, DEFAULT_DATA) : resolve(cwd, String(data));
}
