import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { findFreePorts } from './ports.ts';
import { makeKeys, type SavedKeys } from './role-credentials.ts';

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
  /** By role, as `admin`, `gate`, `euw1/api`. */
  readonly keys: Readonly<Record<string, SavedKeys>>;
}

/** Port of the front door when nobody chose one. */
const EDGE_PORT = 8080;

const REGION_PORTS = ['s3', 'sqs', 'dynamodb', 'api'] as const;

/**
 * Reads the state in the file `path`, adds what is missing for `regions` and `roles`, and keeps it. `edgePort` is that of the
 * command line; null: the kept one.
 */
export async function openState(
  path: string,
  wish: { readonly edgePort: number | null; readonly regions: readonly string[]; readonly roles: readonly string[] },
): Promise<PlatformState> {
  const saved = existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as PlatformState) : null;
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
    keys: { ...Object.fromEntries(wish.roles.map((role) => [role, makeKeys(role)])), ...saved?.keys },
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

function usedPorts(saved: PlatformState | null, edgePort: number | null): ReadonlySet<number> {
  const kept = Object.values(saved?.ports ?? {}).flatMap((ports) => REGION_PORTS.map((name) => ports[name]));
  return new Set([edgePort ?? saved?.edgePort ?? EDGE_PORT, saved?.issuerPort ?? 0, ...kept]);
}
