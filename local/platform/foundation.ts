import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Clock, createClock } from '../support/clock.ts';
import type { Credential } from '../support/credentials.ts';
import { type RoleSession, type SessionRoles, sessionAt } from '../support/role-sessions.ts';
import type { StartArguments } from './arguments.ts';
import { CELLS } from './cells.ts';
import { acquireLock } from './lock.ts';
import { openLogs } from './logs.ts';
import { keyNames, roleNames, toCredentials, toSessionRoles } from './role-credentials.ts';
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
  /** Those without an end. */
  readonly credentials: readonly Credential[];
  /** Those whose credentials are of a session. */
  readonly sessions: SessionRoles;
  /** Keys without an end, such as the `admin`'s; throws when there are none. */
  readonly credential: (name: string) => Credential;
  /** The session that a role, such as `gate` or `euw1/api`, is given now; throws when there is no such role. */
  readonly session: (role: string) => RoleSession;
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
    keys: keyNames(),
    roles: roleNames(),
  });
  await refuseTakenPorts(state, wish.data);
  const credentials = toCredentials(state.keys);
  const sessions = { since: state.sessionsSince, roles: toSessionRoles(state.roleSecrets) };
  const clock = createClock();
  return {
    wish,
    root,
    state,
    credentials,
    sessions,
    credential: (name) => named(credentials, name),
    session: (role) => sessionAt(named(sessions.roles, role), sessions.since, clock.now()),
    clock,
    logs: openLogs(join(wish.data, 'logs')),
    version: readVersion(root),
    startedAt: new Date().toISOString(),
  };
}

function named<One extends { readonly role: string }>(list: readonly One[], name: string): One {
  const found = list.find(({ role }) => role === name);
  if (!found) throw new Error(`there is no role ${name}`);
  return found;
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
