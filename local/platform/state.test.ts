import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { arns, cellNames } from '../../core/config/names.ts';
import { isAllowed } from '../support/credentials.ts';
import { CELLS } from './cells.ts';
import { findFreePorts, isFree } from './ports.ts';
import { keyNames, makeKeys, makeRoleSecret, roleNames, toCredentials, toSessionRoles } from './role-credentials.ts';
import { openState } from './state.ts';
import { refuseTakenPorts } from './taken.ts';

const newPath = (): string => join(mkdtempSync(join(tmpdir(), 'nearput-state-')), 'state.json');
const open = (
  path: string,
  change: { edgePort?: number; regions?: string[]; keys?: string[]; roles?: string[] } = {},
) => openState(path, { edgePort: null, regions: ['euw1'], keys: ['admin'], roles: ['gate'], ...change });

describe('the state', () => {
  it('is kept, for the owner alone', async () => {
    const path = newPath();
    const first = await open(path);
    expect(await open(path)).toEqual(first);
    expect(first.edgePort).toBe(8080);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readFileSync(path, 'utf8')).toContain(first.keys['admin']?.secretAccessKey ?? 'missing');
  });

  it('takes the front door’s port of the command line, and remembers it', async () => {
    const path = newPath();
    const first = await open(path);
    const moved = await open(path, { edgePort: 9_123 });
    expect(moved).toEqual({ ...first, edgePort: 9_123 });
    expect((await open(path)).edgePort).toBe(9_123);
  });

  it('of before roles had sessions gets secrets for them, and loses their old keys', async () => {
    const path = newPath();
    const { roleSecrets: _, sessionsSince: __, ...first } = await open(path, { keys: ['admin', 'gate'] });
    writeFileSync(path, JSON.stringify(first));
    const now = await open(path);
    expect(now.keys).toEqual({ admin: first.keys['admin'] });
    expect(Math.abs(now.sessionsSince + 3_600_000 - Date.now())).toBeLessThan(60_000);
    expect(now.roleSecrets).toEqual({ gate: expect.stringMatching(/^[A-Za-z0-9+/]{43}=$/) });
  });

  it('grows by what is new and changes nothing else', async () => {
    const path = newPath();
    const first = await open(path);
    const grown = await open(path, {
      regions: ['euw1', 'use1'],
      keys: ['admin', 'operator'],
      roles: ['gate', 'euw1/api'],
    });
    expect(grown.ports['euw1']).toEqual(first.ports['euw1']);
    expect(grown.keys['admin']).toEqual(first.keys['admin']);
    expect(grown.roleSecrets['gate']).toEqual(first.roleSecrets['gate']);
    expect(Object.keys(grown.keys)).toEqual(['admin', 'operator']);
    expect(Object.keys(grown.roleSecrets)).toEqual(['gate', 'euw1/api']);
    expect(new Set(Object.values(grown.roleSecrets)).size).toBe(2);
    expect(Object.keys(grown.ports)).toEqual(['euw1', 'use1']);
    const ports = [grown.issuerPort, ...Object.values(grown.ports).flatMap((one) => Object.values(one))];
    expect(new Set(ports).size).toBe(9);
  });
});

describe('ports', () => {
  it('are free, different, and below those of outgoing connections', async () => {
    const ports = await findFreePorts(20, new Set());
    expect(new Set(ports).size).toBe(20);
    for (const port of ports) expect(port).toBeLessThan(32_768);
  });

  it('that are taken are refused with a sentence that says what to do', async () => {
    const [port = 0] = await findFreePorts(1, new Set());
    const state = await open(newPath(), { edgePort: port });
    await refuseTakenPorts(state, '/data');
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    expect(await isFree(port)).toBe(false);
    await expect(refuseTakenPorts(state, '/data')).rejects.toThrow(
      `Port ${port} is used by another program. Choose another one: npm start -- --port ${port + 1}`,
    );
    await expect(refuseTakenPorts({ ...state, edgePort: 1, issuerPort: port }, '/data')).rejects.toThrow();
    await new Promise((resolve) => server.close(resolve));
  });
});

describe('credentials', () => {
  const keys = Object.fromEntries(keyNames().map((name) => [name, makeKeys(name)]));
  const credentials = toCredentials(keys);
  const roles = toSessionRoles(Object.fromEntries(roleNames().map((role) => [role, makeRoleSecret()])));
  const statementsOf = (role: string) => [...credentials, ...roles].find((one) => one.role === role)?.statements ?? [];
  const [home, other] = CELLS;
  if (!home || !other) throw new Error('two Regions are needed');
  const table = (cell: typeof home) => arns.table(cell, cellNames(cell).table);

  it('have no end for operators, the admin and S3’s events', () => {
    expect(credentials.map(({ role, expiresAt }) => [role, expiresAt])).toEqual([
      ['admin', null],
      ['s3-events', null],
      ['operator', null],
    ]);
    expect(new Set(credentials.map(({ accessKeyId }) => accessKeyId)).size).toBe(3);
  });

  it('are of sessions for the gate, and for every other role of every Region', () => {
    expect(roles).toHaveLength(1 + 3 * 7);
    expect(new Set(roles.map(({ secret }) => secret)).size).toBe(22);
    expect(roles.map(({ role }) => role)).not.toContain('operator');
  });

  it('have AWS’s shape', () => {
    expect(keys['admin']).toMatchObject({
      accessKeyId: expect.stringMatching(/^AKIA[A-Z2-7]{16}$/),
      sessionToken: null,
    });
    expect(keys['operator']).toMatchObject({
      accessKeyId: expect.stringMatching(/^ASIA[A-Z2-7]{16}$/),
      secretAccessKey: expect.stringMatching(/^[A-Za-z0-9+/]{40}$/),
      sessionToken: expect.stringMatching(/^[A-Za-z0-9+/]{500,}={0,2}$/),
    });
  });

  it('let the admin do everything, and a role what its deployment lets it do, in its own Region', () => {
    expect(isAllowed(statementsOf('admin'), 's3:CreateBucket', 'arn:aws:s3:::anything')).toBe(true);
    expect(isAllowed(statementsOf(`${home.code}/api`), 'dynamodb:PutItem', table(home))).toBe(true);
    expect(isAllowed(statementsOf(`${home.code}/api`), 'dynamodb:PutItem', table(other))).toBe(false);
    expect(isAllowed(statementsOf('gate'), 'dynamodb:PutItem', table(home))).toBe(false);
  });

  it('let S3 send events to the events queues and do nothing else', () => {
    const queue = (name: 'eventsQueue' | 'workQueue') => arns.queue(home, cellNames(home)[name]);
    expect(isAllowed(statementsOf('s3-events'), 'sqs:SendMessage', queue('eventsQueue'))).toBe(true);
    expect(isAllowed(statementsOf('s3-events'), 'sqs:SendMessage', queue('workQueue'))).toBe(false);
    expect(isAllowed(statementsOf('s3-events'), 'sqs:ReceiveMessage', queue('eventsQueue'))).toBe(false);
  });
});
