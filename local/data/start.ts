import { join } from 'node:path';
import { type Cell, cellNames } from '../../core/config/names.ts';
import { openKeyStore } from '../issuers/key-store.ts';
import { startIssuers } from '../issuers/server.ts';
import { createClock } from '../support/clock.ts';
import { type CredentialStore, createCredentialStore } from '../support/credentials.ts';
import { createSessionStore } from '../support/role-sessions.ts';
import type { FrontDeps } from './aws-front.ts';
import { openDurableQueues } from './durable-queues.ts';
import { createDynamoEngine } from './dynamo-engine.ts';
import { startDynamoFront } from './dynamo-front.ts';
import { ensureTable } from './dynamo-table.ts';
import { createFaults, type FaultRule } from './faults.ts';
import type { DataOptions, DataRegion, DataStats, DataUrls } from './options.ts';
import { queueSpecs } from './queue-specs.ts';
import { startSqsFront } from './sqs-front.ts';

/** Queues, tables and test issuers, running. */
export interface DataServices {
  readonly urls: DataUrls;
  setClock(offsetSeconds: number): void;
  addFault(rule: FaultRule): void;
  clearFaults(): void;
  stats(): DataStats;
  stop(): Promise<void>;
}

type Deps = Omit<FrontDeps, 'port'>;

/** Starts SQS and DynamoDB of every Region and the test issuers. Rejects with node's `EADDRINUSE` when a port is taken. */
export async function startData(options: DataOptions): Promise<DataServices> {
  const clock = createClock(options.clockOffsetSeconds);
  const faults = createFaults();
  const keys = createCredentialStore(options.credentials);
  const sessions = createSessionStore(options.sessions ?? { since: 0, roles: [] }, clock.now);
  const find: CredentialStore['find'] = (accessKeyId) => keys.find(accessKeyId) ?? sessions.find(accessKeyId);
  const deps: Deps = { find, clock, faults };
  const [cells, issuers] = await Promise.all([
    Promise.all(options.regions.map(async (region) => ({ region, ...(await startCell(options, region, deps)) }))),
    openKeyStore(join(options.dataDir, 'issuers', 'keys.json')).then((keys) =>
      startIssuers({ port: options.issuerPort, keys, clock }),
    ),
  ]);
  return {
    urls: {
      regions: Object.fromEntries(cells.map(({ region, urls }) => [region.code, urls])),
      issuer: issuers.url,
    },
    setClock: clock.setOffset,
    addFault: faults.add,
    clearFaults: faults.clear,
    stats: () => Object.fromEntries(cells.map(({ region, depths }) => [region.code, depths()])),
    async stop() {
      await Promise.all([issuers.close(), ...cells.map(({ stop }) => stop())]);
    },
  };
}

async function startCell(options: DataOptions, region: DataRegion, deps: Deps) {
  const cell: Cell = { env: options.env, account: options.account, region: region.name };
  const folder = join(options.dataDir, region.code);
  const specs = queueSpecs(cell);
  const engine = createDynamoEngine(join(folder, 'dynamodb'));
  const [queues] = await Promise.all([
    openDurableQueues({ region: region.name, queues: specs, journalPath: join(folder, 'queues.jsonl') }),
    ensureTable(engine, cellNames(cell).table),
  ]);
  const queueNames = specs.map(({ name }) => name);
  const [sqs, dynamodb] = await Promise.all([
    startSqsFront({ cell, queueNames, queues }, { ...deps, port: region.sqsPort }),
    startDynamoFront({ cell, engine }, { ...deps, port: region.dynamodbPort }),
  ]);
  return {
    urls: { sqs: sqs.url, dynamodb: dynamodb.url },
    depths: queues.depths,
    async stop() {
      await Promise.all([sqs.close(), dynamodb.close()]);
      await Promise.all([queues.close(), engine.close()]);
    },
  };
}
