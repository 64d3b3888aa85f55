import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { findFreePorts } from './ports.ts';
import { makeKeys, makeRoleSecret, type SavedKeys } from './role-credentials.ts';

/** Ports of one Region. */
export interface RegionPorts {
  readonly s3: number;
  readonly sqs: number;
  readonly dynamodb: number;
  readonly api: number;
}

/** What a restart needs to go on where it was. Holds secrets: 0600. */
export interface PlatformState {
  readonly v: 1;
  readonly edgePort: number;
  readonly issuerPort: number;
  /** By Region code. */
  readonly ports: Readonly<Record<string, RegionPorts>>;
  /** Keys without an end, as `admin`'s. */
  readonly keys: Readonly<Record<string, SavedKeys>>;
  /** What the sessions of a role are derived from, by role, as `gate`, `euw1/api`. */
  readonly roleSecrets: Readonly<Record<string, string>>;
  /** When the first sessions began, in milliseconds since the epoch. */
  readonly sessionsSince: number;
}

/** Data of before roles had sessions has neither. */
type SavedState = Omit<PlatformState, 'roleSecrets' | 'sessionsSince'> &
  Partial<Pick<PlatformState, 'roleSecrets' | 'sessionsSince'>>;

/**
 * How old the first sessions of new data are, in milliseconds (1 h): the clock can be moved that far back, and almost five hours
 * forward, before any credentials end.
 */
const FIRST_SESSIONS_AGE_MS = 3_600_000;

/** Port of the front door when nobody chose one. */
const EDGE_PORT = 8080;

const REGION_PORTS = ['s3', 'sqs', 'dynamodb', 'api'] as const;

/**
 * Reads the state in the file `path`, adds what is missing for `regions`, `keys` and `roles`, and keeps it. `edgePort` is that
 * of the command line; null: the kept one.
 */
export async function openState(
  path: string,
  wish: {
    readonly edgePort: number | null;
    readonly regions: readonly string[];
    readonly keys: readonly string[];
    readonly roles: readonly string[];
  },
): Promise<PlatformState> {
  const saved = existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as SavedState) : null;
  const missing = wish.regions.filter((code) => saved?.ports[code] === undefined);
  const free = await findFreePorts(missing.length * REGION_PORTS.length + 1, usedPorts(saved, wish.edgePort));
  const next = (): number => free.pop() ?? 0;
  const state: PlatformState = {
    v: 1,
    edgePort: wish.edgePort ?? saved?.edgePort ?? EDGE_PORT,
    issuerPort: saved?.issuerPort ?? next(),
    ports: {
      ...saved?.ports,
      ...Object.fromEntries(missing.map((code) => [code, { s3: next(), sqs: next(), dynamodb: next(), api: next() }])),
    },
    keys: Object.fromEntries(wish.keys.map((name) => [name, saved?.keys[name] ?? makeKeys(name)])),
    roleSecrets: Object.fromEntries(wish.roles.map((role) => [role, saved?.roleSecrets?.[role] ?? makeRoleSecret()])),
    sessionsSince: saved?.sessionsSince ?? Date.now() - FIRST_SESSIONS_AGE_MS,
  };
  writePrivate(path, JSON.stringify(state, null, 2));
  return state;
}

/** Writes a file that only its owner may read, whole or not at all. */
export function writePrivate(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(`${path}.new`, text, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

function usedPorts(saved: SavedState | null, edgePort: number | null): ReadonlySet<number> {
  const kept = Object.values(saved?.ports ?? {}).flatMap((ports) => REGION_PORTS.map((name) => ports[name]));
  return new Set([edgePort ?? saved?.edgePort ?? EDGE_PORT, saved?.issuerPort ?? 0, ...kept]);
}
