import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cellNames, edgeNames, ORIGIN_FUNCTIONS, type OriginFunction } from '../../core/config/names.ts';
import { FUNCTIONS } from '../../core/config/settings.ts';
import {
  createFunction,
  createInstancePool,
  type InstanceLease,
  type InstancePool,
  type LambdaFunction,
} from '../lambda/host.ts';
import { type ReservedEnvOptions, reservedEnv } from '../lambda/reserved-env.ts';
import { OVERLAP_MS } from '../support/role-sessions.ts';
import { CELLS, type LocalCell } from './cells.ts';
import { type Endpoints, originEnv } from './endpoints.ts';
import type { Foundation } from './foundation.ts';

/** A Region's functions; one whose bundle does not exist is missing. */
export type CellFunctions = Partial<Record<OriginFunction, LambdaFunction>>;

/** Lambda@Edge: events per second one instance takes. Source: Lambda@Edge quotas. */
const EDGE_RPS = 10;

/**
 * Most instances of a function in one Region. A machine of a few cores gains nothing from more: every start costs a fifth of
 * a second of a core, and a warm instance finalizes some fifty uploads in a second.
 */
export const MAX_INSTANCES: Readonly<Record<OriginFunction, number>> = {
  api: 4,
  authorizer: 4,
  recorder: 1,
  worker: 2,
  refresher: 1,
  reconciler: 1,
};

/** Functions that no caller waits for. The refresher is none: a provider has 800 ms, which must not pass while others have the cores. */
const BACKGROUND: ReadonlySet<OriginFunction> = new Set(['recorder', 'reconciler']);

/** Beside the bundles, so that a later start of the platform finds it too. */
const COMPILE_CACHE = join('dist', '.compile-cache');

/** How long an event of a Region may wait for an instance: AWS has more of them than a machine has cores. In milliseconds. */
const WAIT_MS = 1_500;

/**
 * An instance is replaced this long before its credentials end, in milliseconds: at a moment of its own, so that not all start anew at
 * once, when the next session has long begun.
 */
const REPLACED_BEFORE = { most: OVERLAP_MS, least: OVERLAP_MS / 2 } as const;

/** Makes the replicas of the gate, one function per edge Region, which share `instances` places. */
export function createGateReplicas(deps: Foundation, instances: number): (edgeRegion: string) => LambdaFunction {
  const bundle = join(deps.root, 'dist', 'edge', 'gate.mjs');
  if (!existsSync(bundle)) throw new Error(`the gate is not built: ${bundle} is missing`);
  const pool: InstancePool = createInstancePool(instances);
  const cell = CELLS[0];
  if (!cell) throw new Error('there are no Regions');
  const name = `us-east-1.${edgeNames(cell).gate}`;
  const { memoryMb, timeoutSeconds } = FUNCTIONS.gate;
  return (edgeRegion) =>
    createFunction({
      name,
      bundle,
      handler: 'handler',
      env: {},
      lease: () => leaseOf(deps, 'gate', { name, region: edgeRegion, memoryMb }),
      memoryMb,
      timeoutMs: timeoutSeconds * 1000,
      maxInstances: instances,
      perInstanceRps: EDGE_RPS,
      logPath: join(deps.logs.folder, `gate-${edgeRegion}.log`),
      clock: deps.clock,
      compileCache: join(deps.root, COMPILE_CACHE),
      pool,
    });
}

/** Makes the functions of one Region whose bundles exist. */
export function createCellFunctions(deps: Foundation, cell: LocalCell, endpoints: Endpoints): CellFunctions {
  const env = originEnv(cell, endpoints, deps.state.edgePort);
  const made = ORIGIN_FUNCTIONS.flatMap((short) => {
    const bundle = join(deps.root, 'dist', 'origin', `${short}.mjs`);
    return existsSync(bundle) ? [[short, createOne(deps, cell, short, bundle, env)] as const] : [];
  });
  return Object.fromEntries(made);
}

function createOne(
  deps: Foundation,
  cell: LocalCell,
  short: OriginFunction,
  bundle: string,
  env: Readonly<Record<string, string>>,
): LambdaFunction {
  const name = cellNames(cell).functions[short];
  const { memoryMb, timeoutSeconds } = FUNCTIONS[short];
  return createFunction({
    name,
    bundle,
    handler: 'handler',
    env,
    lease: () => leaseOf(deps, `${cell.code}/${short}`, { name, region: cell.region, memoryMb }),
    memoryMb,
    timeoutMs: timeoutSeconds * 1000,
    maxInstances: MAX_INSTANCES[short],
    perInstanceRps: null,
    waitMs: WAIT_MS,
    background: BACKGROUND.has(short),
    startsFirst: short === 'api',
    logPath: join(deps.logs.folder, `${cell.code}-${short}.log`),
    clock: deps.clock,
    compileCache: join(deps.root, COMPILE_CACHE),
  });
}

/** The role's present session for one instance. Its end is not among what the instance is given. */
function leaseOf({ session }: Foundation, role: string, facts: Omit<ReservedEnvOptions, 'credentials'>): InstanceLease {
  const credentials = session(role);
  const { most, least } = REPLACED_BEFORE;
  return {
    env: reservedEnv({ ...facts, credentials }),
    from: credentials.startsAt,
    until: credentials.expiresAt - least - Math.random() * (most - least),
  };
}
