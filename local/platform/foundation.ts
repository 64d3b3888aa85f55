import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Clock, createClock } from '../support/clock.ts';
import type { Credential } from '../support/credentials.ts';
import type { StartArguments } from './arguments.ts';
import { CELLS } from './cells.ts';
import { acquireLock } from './lock.ts';
import { openLogs } from './logs.ts';
import { roleNames, toCredentials } from './role-credentials.ts';
import { openState, type PlatformState } from './state.ts';
import { refuseTakenPorts, StartRefused } from './taken.ts';

/** Registers what ends a part; the last registered ends first. */
export type OnStop = (end: () => void | Promise<void>) => void;

/** What every part of the platform rests on. */
export interface Foundation {
  readonly wish: StartArguments;
  /** Folder of the repository. */
  readonly root: string;
  readonly state: PlatformState;
  readonly credentials: readonly Credential[];
  /** The credential of a role, such as `admin` or `euw1/api`; throws when there is none. */
  readonly credential: (role: string) => Credential;
  readonly clock: Clock;
  readonly logs: { readonly folder: string; write(line: string): void };
  readonly version: string;
  readonly startedAt: string;
}

/** Takes the data folder, opens what is kept in it, and makes sure that the ports are free. */
export async function openFoundation(wish: StartArguments, root: string, onStop: OnStop): Promise<Foundation> {
  const lock = takeFolder(wish.data);
  if ('pid' in lock) {
    throw new StartRefused(
      `The platform already runs on ${wish.data} (process ${lock.pid}, since ${lock.startedAt}). Stop it with npm stop -- --data ${wish.data}, or start another one with --data DIR and --port P.`,
    );
  }
  onStop(lock.release);
  const state = await openState(join(wish.data, 'state.json'), {
    edgePort: wish.port,
    regions: CELLS.map(({ code }) => code),
    roles: roleNames(),
  });
  await refuseTakenPorts(state, wish.data);
  const credentials = toCredentials(state.keys);
  return {
    wish,
    root,
    state,
    credentials,
    credential(role) {
      const found = credentials.find((credential) => credential.role === role);
      if (!found) throw new Error(`there is no role ${role}`);
      return found;
    },
    clock: createClock(),
    logs: openLogs(join(wish.data, 'logs')),
    version: readVersion(root),
    startedAt: new Date().toISOString(),
  };
}

/** The lock, or who has it; a folder that cannot be written is refused with the system's reason. */
function takeFolder(data: string): ReturnType<typeof acquireLock> {
  try {
    return acquireLock(data);
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    throw new StartRefused(`The data folder ${data} cannot be used: ${error.message}. Choose another: --data DIR`);
  }
}

function readVersion(root: string): string {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  return version;
}
