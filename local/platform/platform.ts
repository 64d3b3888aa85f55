import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { StartArguments } from './arguments.ts';
import { CELLS } from './cells.ts';
import { type CellCompute, startCompute } from './compute.ts';
import { startDoor } from './door.ts';
import { urlsOf } from './endpoints.ts';
import { type Foundation, type OnStop, openFoundation } from './foundation.ts';
import { awaitHealth, type HealthCheck } from './health.ts';
import { describeLocal, type LocalDescription } from './local-json.ts';
import { publishRegistry } from './registry.ts';
import { type Services, startServices } from './services.ts';
import { writePrivate } from './state.ts';

/** The whole platform, ready. */
export interface Platform {
  /** Of the front door. */
  readonly url: string;
  /** Something the person at the terminal should know; null: nothing. */
  readonly notice: string | null;
  /** Ends every part. */
  stop(): Promise<void>;
}

const HEALTH_MS = 15_000;

/**
 * Starts every part and resolves when each answers its health check. Rejects with `StartRefused` for what a person can mend.
 * `died` hears, later, that a part ended by itself: the platform is then of no use.
 */
export async function startPlatform(
  wish: StartArguments,
  context: { readonly root: string; readonly died: (sentence: string) => void },
): Promise<Platform> {
  const ends: (() => void | Promise<void>)[] = [];
  let stopped: Promise<void> | null = null;
  const stop = (): Promise<void> => {
    stopped ??= endAll(ends);
    return stopped;
  };
  try {
    return { ...(await assemble(wish, context, (end) => ends.push(end))), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The last started ends first; one that fails does not keep the others from their turn. */
async function endAll(ends: (() => void | Promise<void>)[]): Promise<void> {
  for (const end of ends.reverse()) {
    try {
      await end();
    } catch (error) {
      console.error(error);
    }
  }
}

async function assemble(
  wish: StartArguments,
  { root, died }: { readonly root: string; readonly died: (sentence: string) => void },
  onStop: OnStop,
): Promise<Omit<Platform, 'stop'>> {
  const foundation = await openFoundation(wish, root, onStop);
  const services = await startServices(foundation, died, onStop);
  const { endpoints, issuerUrl } = services;
  const admin = foundation.credential('admin');
  const { notice, addedIssuers } = await publishRegistry({ issuerUrl, issuers: wish.issuers, endpoints, admin });
  const compute = await startCompute(foundation, services, onStop);
  const description = describe(foundation, services, compute, addedIssuers);
  const refreshing = firstRefresh(compute);
  const door = await startDoor(foundation, services, compute, description);
  onStop(() => door.stopGates());
  onStop(() => door.close());
  await refreshing;
  await awaitHealth(checks(door.url, services, compute), HEALTH_MS);
  const localJson = join(wish.data, 'local.json');
  writePrivate(localJson, `${JSON.stringify({ ...description, ...secretsOf(foundation) }, null, 2)}\n`);
  onStop(() => rmSync(localJson, { force: true }));
  return { url: door.url, notice };
}

/** Who may use the platform from outside: the person at this machine, and the role of whoever publishes and revokes issuers. */
function secretsOf({ credential }: Foundation): object {
  const { accessKeyId, secretAccessKey } = credential('admin');
  const operator = credential('operator');
  return {
    admin: { accessKeyId, secretAccessKey },
    operator: {
      accessKeyId: operator.accessKeyId,
      secretAccessKey: operator.secretAccessKey,
      sessionToken: operator.sessionToken,
    },
  };
}

function describe(
  { state, wish, version, startedAt }: Foundation,
  { endpoints, issuerUrl }: Services,
  compute: readonly CellCompute[],
  addedIssuers: readonly string[],
): LocalDescription {
  const edge = `http://127.0.0.1:${state.edgePort}`;
  const facts = { pid: process.pid, startedAt, version, data: wish.data, edge, issuer: issuerUrl, addedIssuers };
  return describeLocal(facts, endpoints, Object.fromEntries(compute.map(({ cell, api }) => [cell.code, api])));
}

/** Key sets must be there before the first token comes. A refresher that fails now is run again by its schedule. */
async function firstRefresh(compute: readonly CellCompute[]): Promise<void> {
  await Promise.all(compute.map(({ sources }) => sources.schedules['refresher']?.fire()));
}

function checks(edge: string, { endpoints, issuerUrl }: Services, compute: readonly CellCompute[]): HealthCheck[] {
  const answers = (status: number): boolean => status < 500;
  const fine = (status: number): boolean => status === 200;
  const regional = CELLS.flatMap((cell) => {
    const { s3, sqs, dynamodb } = urlsOf(endpoints, cell);
    return [
      { name: `S3 of ${cell.code}`, url: s3, healthy: answers },
      { name: `SQS of ${cell.code}`, url: `${sqs}/ping`, healthy: fine },
      { name: `DynamoDB of ${cell.code}`, url: `${dynamodb}/ping`, healthy: fine },
    ];
  });
  return [
    { name: 'the gate', url: `${edge}/v1/health`, healthy: fine },
    { name: 'the test issuers', url: issuerUrl, healthy: fine },
    ...regional,
    ...compute.map(({ cell, api }) => ({
      name: `the API of ${cell.code}`,
      url: `${api}/live/v1/uploads`,
      healthy: answers,
    })),
  ];
}
