import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { findFreePorts } from './ports.ts';
import { identify, isRunning, parentOf } from './process-identity.ts';

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url));
const STOP = fileURLToPath(new URL('../stop.ts', import.meta.url));
const READY_MS = 30_000;

const folder = mkdtempSync(join(tmpdir(), 'nearput-platform-'));
const data = join(folder, 'data');
const [port = 0] = await findFreePorts(1, new Set());
const started: ChildProcess[] = [];

afterEach(async () => {
  for (const child of started.splice(0)) {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGTERM');
      await exitOf(child);
    }
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Run {
  readonly child: ChildProcess;
  readonly out: () => string;
  readonly err: () => string;
}

function run(script: string, argv: readonly string[]): Run {
  const child = spawn(process.execPath, [script, ...argv], { stdio: ['ignore', 'pipe', 'pipe'] });
  started.push(child);
  let out = '';
  let err = '';
  child.stdout?.on('data', (text) => (out += String(text)));
  child.stderr?.on('data', (text) => (err += String(text)));
  return { child, out: () => out, err: () => err };
}

function exitOf(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode);
  return new Promise((resolve) => child.once('close', (code) => resolve(code)));
}

async function until(what: string, holds: () => boolean, limitMs = READY_MS): Promise<void> {
  const end = Date.now() + limitMs;
  while (!holds()) {
    if (Date.now() > end) throw new Error(`not within ${limitMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function start(...argv: string[]): Promise<Run> {
  const platform = run(MAIN, ['--data', data, '--port', String(port), ...argv]);
  await until(`ready (${platform.err()})`, () => platform.out().includes('\n') || platform.child.exitCode !== null);
  expect(platform.out(), platform.err()).toBe(`nearput is ready: http://127.0.0.1:${port}\n`);
  return platform;
}

interface LocalJson {
  readonly pid: number;
  readonly issuer: string;
  readonly regions: Readonly<
    Record<string, { readonly s3: string; readonly name: string; readonly registryBucket: string }>
  >;
  readonly admin: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly operator: { readonly accessKeyId: string; readonly secretAccessKey: string; readonly sessionToken: string };
}
const localJson = (): LocalJson => JSON.parse(readFileSync(join(data, 'local.json'), 'utf8')) as LocalJson;

/** Processes whose parent is `pid`. */
const childrenOf = (pid: number): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((candidate) => parentOf(candidate) === pid);

async function mint(claims: object = {}): Promise<string> {
  const answer = await fetch(`${localJson().issuer}/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(claims),
  });
  return ((await answer.json()) as { token: string }).token;
}

const edge = (path: string, token: string, init: RequestInit = {}) =>
  fetch(`http://127.0.0.1:${port}${path}`, {
    ...init,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
  });

const policyVersion = async (): Promise<number> => {
  const { regions, admin } = localJson();
  const euw1 = regions['euw1'];
  if (!euw1) throw new Error('no euw1');
  const client = new S3Client({ endpoint: euw1.s3, region: euw1.name, forcePathStyle: true, credentials: admin });
  const answer = await client.send(new GetObjectCommand({ Bucket: euw1.registryBucket, Key: 'registry/policy.json' }));
  client.destroy();
  return (JSON.parse((await answer.Body?.transformToString()) ?? '') as { version: number }).version;
};

describe('npm start', () => {
  it('is ready with every part, tells where in a file for its owner alone, and ends on SIGTERM without a trace', async () => {
    const { child } = await start();
    expect(statSync(join(data, 'local.json')).mode & 0o777).toBe(0o600);
    expect(localJson()).toMatchObject({
      pid: child.pid,
      admin: { accessKeyId: expect.stringMatching(/^AKIA/) },
      operator: { accessKeyId: expect.stringMatching(/^ASIA/) },
    });
    const shown = (await (await fetch(`http://127.0.0.1:${port}/_local`)).json()) as Record<string, unknown>;
    const { admin, operator, ...open } = localJson();
    expect(shown).toEqual(open);
    for (const secret of [admin.secretAccessKey, operator.secretAccessKey, operator.sessionToken]) {
      expect(JSON.stringify(shown)).not.toContain(secret);
    }
    expect((await edge('/v1/whoami', await mint())).status).toBe(200);

    const kin = childrenOf(child.pid ?? 0).map((pid) => identify(pid));
    expect(kin).toHaveLength(2);
    const startedAt = Date.now();
    child.kill('SIGTERM');
    expect(await exitOf(child)).toBe(0);
    expect(Date.now() - startedAt).toBeLessThan(5_000);
    for (const one of kin) expect(one && isRunning(one)).toBe(false);
    expect(readdirSync(data).sort()).toEqual(['logs', 's3', 'services', 'state.json']);
  });

  it('refuses a second start on the same data, and a port that is taken, and stops by npm stop', async () => {
    const { child } = await start();
    const second = run(MAIN, ['--data', data]);
    expect(await exitOf(second.child)).toBe(1);
    expect(second.err()).toContain(`The platform already runs on ${data} (process ${child.pid}, since `);
    expect(second.err()).toContain(`npm stop -- --data ${data},`);
    expect(second.out()).toBe('');
    const other = run(MAIN, ['--data', join(folder, 'other'), '--port', String(port)]);
    expect(await exitOf(other.child)).toBe(1);
    expect(other.err()).toBe(
      `Port ${port} is used by another program. Choose another one: npm start -- --port ${port + 1}\n`,
    );
    const stopped = run(STOP, ['--data', data]);
    expect(await exitOf(stopped.child)).toBe(0);
    expect(stopped.out()).toContain(`stopped (process ${child.pid} `);
    expect(await exitOf(child)).toBe(0);
    const nothing = run(STOP, ['--data', data]);
    expect(await exitOf(nothing.child)).toBe(0);
    expect(nothing.out()).toContain('nothing runs on');
  });

  it('goes on after kill -9 where it was: the same ports, keys, tokens and registry', async () => {
    const before = await start();
    const token = await mint();
    const described = localJson();
    const version = await policyVersion();
    const kin = childrenOf(before.child.pid ?? 0).map((pid) => identify(pid));
    before.child.kill('SIGKILL');
    await exitOf(before.child);
    await until('its children end with it', () => kin.every((one) => !one || !isRunning(one)), 5_000);

    await start();
    expect({ ...localJson(), pid: 0, startedAt: '' }).toEqual({ ...described, pid: 0, startedAt: '' });
    expect((await edge('/v1/whoami', token)).status).toBe(200);
    expect(await policyVersion()).toBe(version);
  });

  it('moves one clock for issuers, gate and S3', async () => {
    await start();
    const token = await mint({ expiresIn: 600 });
    const clock = (offsetSeconds: number) =>
      fetch(`http://127.0.0.1:${port}/_local/clock`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ offsetSeconds }),
      });
    const body = JSON.stringify({ name: 'a', size: 1, type: 'text/plain' });
    const created = (await (await edge('/v1/uploads', token, { method: 'POST', body })).json()) as {
      put: { url: string; headers: Record<string, string> };
    };
    await clock(3_600);
    expect(await (await edge('/v1/whoami', token)).json()).toMatchObject({ code: 'token_expired' });
    const late = await fetch(created.put.url, { method: 'PUT', headers: created.put.headers, body: 'x' });
    expect(await late.text()).toContain('Request has expired');
    expect((await edge('/v1/whoami', await mint())).status).toBe(200);
    await clock(0);
    expect((await edge('/v1/whoami', token)).status).toBe(200);
  });

  it('ends when its parent is gone, also behind a shell as npm has it', async () => {
    const line = `'${process.execPath}' '${MAIN}' --data '${data}' --port ${port}; true`;
    const script = `require('node:child_process').spawn('sh', ['-c', ${JSON.stringify(line)}], { stdio: 'ignore' }); setInterval(() => {}, 1e6)`;
    const npm = spawn(process.execPath, ['-e', script], { stdio: 'ignore' });
    started.push(npm);
    await until('ready', () => existsSync(join(data, 'local.json')));
    const platform = identify(localJson().pid);
    npm.kill('SIGKILL');
    await until('ended', () => !platform || !isRunning(platform), 5_000);
    expect(existsSync(join(data, 'local.json'))).toBe(false);
  });

  it('ends with a sentence and exit 1 when a part dies', async () => {
    const { child, err } = await start();
    const [victim = 0] = childrenOf(child.pid ?? 0);
    process.kill(victim, 'SIGKILL');
    expect(await exitOf(child)).toBe(1);
    expect(err()).toMatch(/^the process of .* ended by itself \(SIGKILL\); see /);
  });

  it('ends in order when a signal reaches the whole process group', async () => {
    const child = spawn(process.execPath, [MAIN, '--data', data, '--port', String(port)], {
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    started.push(child);
    let err = '';
    child.stderr?.on('data', (text) => (err += String(text)));
    await until('ready', () => existsSync(join(data, 'local.json')));
    process.kill(-(child.pid ?? 0), 'SIGTERM');
    expect(await exitOf(child)).toBe(0);
    expect(err).toBe('');
  });

  it('says why a data folder cannot be used', async () => {
    const path = join(MAIN, 'folder');
    const refused = run(MAIN, ['--data', path]);
    expect(await exitOf(refused.child)).toBe(1);
    expect(refused.err()).toContain(`The data folder ${path} cannot be used: ENOTDIR`);
  });

  it('says what is wrong with --issuers, and leaves nothing running', async () => {
    const bad = run(MAIN, ['--data', data, '--port', String(port), '--issuers', join(folder, 'nowhere')]);
    expect(await exitOf(bad.child)).toBe(1);
    expect(bad.err()).toContain(`there is no folder ${join(folder, 'nowhere')}`);
    expect(existsSync(join(data, 'platform.lock'))).toBe(false);
  });
});
