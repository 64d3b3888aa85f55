import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import { arns, type Cell, cellNames, queueUrl } from '../../core/config/names.ts';
import type { Credential, Statement } from '../support/credentials.ts';
import type { SessionRoles } from '../support/role-sessions.ts';
import type { DataCommand, DataOptions, DataReport, DataUrls } from './options.ts';

/** What the tests of this room share: one Region, an admin, a role that may do little, and the process itself. */

export const CELL: Cell = { env: 'local', account: '000000000000', region: 'eu-west-1' };
export const NAMES = cellNames(CELL);

const credential = (role: string, statements: readonly Statement[], sessionToken: string | null) => ({
  accessKeyId: `KEY${role.toUpperCase()}`,
  secretAccessKey: `secret-of-${role}`,
  sessionToken,
  role,
  statements,
  expiresAt: null,
});

export const ADMIN: Credential = credential('admin', [{ actions: ['*'], resources: ['*'] }], null);

/** May send to the events queue, read one table and its byOwner index, and nothing else. */
export const ROLE: Credential = credential(
  'role',
  [
    { actions: ['sqs:SendMessage'], resources: [arns.queue(CELL, NAMES.eventsQueue)] },
    { actions: ['dynamodb:GetItem'], resources: [arns.table(CELL, NAMES.table)] },
    { actions: ['dynamodb:Query'], resources: [arns.index(CELL, NAMES.table, 'byOwner')] },
  ],
  'session-token-of-role',
);

/** May do everything, and could until a second ago. */
export const ENDED: Credential = {
  ...credential('ended', ADMIN.statements, 'session-token-that-ended'),
  expiresAt: Date.now() - 1_000,
};

/** Derives the credentials of its sessions, which began a minute ago. */
export const SESSIONS: SessionRoles = {
  since: Date.now() - 60_000,
  roles: [{ role: 'in-session', secret: 'a secret', statements: ADMIN.statements }],
};

export const temporaryFolder = (): string => mkdtempSync(join(tmpdir(), 'nearput-data-'));

export function dataOptions(dataDir: string, ports: { sqs?: number; dynamodb?: number } = {}): DataOptions {
  return {
    env: CELL.env,
    account: CELL.account,
    dataDir,
    regions: [{ code: 'euw1', name: CELL.region, sqsPort: ports.sqs ?? 0, dynamodbPort: ports.dynamodb ?? 0 }],
    credentials: [ADMIN, ROLE, ENDED],
    sessions: SESSIONS,
    issuerPort: 0,
    clockOffsetSeconds: 0,
  };
}

/** The SDK's credentials of `who`, one member changed. */
export function keysOf(who: Credential, change: Partial<Credential> = {}) {
  const { accessKeyId, secretAccessKey, sessionToken } = { ...who, ...change };
  return { accessKeyId, secretAccessKey, ...(sessionToken === null ? {} : { sessionToken }) };
}

export const sqsOf = (endpoint: string, credentials = keysOf(ADMIN), region = CELL.region): SQSClient =>
  new SQSClient({ endpoint, region, credentials, maxAttempts: 1 });

export const dynamoOf = (endpoint: string, credentials = keysOf(ADMIN), region = CELL.region): DynamoDBClient =>
  new DynamoDBClient({ endpoint, region, credentials, maxAttempts: 1 });

export const urlOf = (endpoint: string, queue: string): string => queueUrl(CELL, queue, endpoint);

/** The child process as the platform forks it. */
export interface ForkedData {
  readonly urls: DataUrls;
  /** SIGKILL: nothing is told, nothing is closed. */
  kill(): Promise<void>;
}

/** Starts `child.ts` on a folder and waits until it is ready. */
export function forkData(dataDir: string): Promise<ForkedData> {
  const child: ChildProcess = fork(fileURLToPath(new URL('./child.ts', import.meta.url)), [], { execArgv: [] });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return new Promise((resolve, reject) => {
    child.on('message', (message: unknown) => {
      const report = message as DataReport;
      if (report.type === 'failed') reject(new Error(report.message));
      if (report.type !== 'ready') return;
      resolve({
        urls: report.urls,
        kill() {
          child.kill('SIGKILL');
          return exited;
        },
      });
    });
    child.once('error', reject);
    const command: DataCommand = { type: 'start', options: dataOptions(dataDir) };
    child.send(command);
  });
}

export const removeFolder = (folder: string): void => rmSync(folder, { recursive: true, force: true });

/** SQS and DynamoDB of the one Region. */
export function endpointsOf(urls: DataUrls): { readonly sqs: string; readonly dynamodb: string } {
  const euw1 = urls.regions['euw1'];
  if (!euw1) throw new Error('euw1 did not start');
  return euw1;
}
