import { rmSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type CommandResult, nearput } from '../support/command.ts';
import { ask, create, mint, put, someFile, uploadBytes } from '../support/gateway.ts';
import { askAll, everyHop } from '../support/hops.ts';
import { issuersFolder, type OwnIssuer, signOwn, writeOwnIssuer } from '../support/own-issuer.ts';
import { type Platform, startPlatform } from '../support/platform.ts';
import { createMovedClock } from '../support/provider-world.ts';
import { readAudit, readPolicy } from '../support/registry.ts';

const CODES = ['euw1', 'use1', 'apse2'] as const;
const OPERATOR = 'arn:aws:sts::000000000000:assumed-role/nearput-local-operator/local';
const JSON_TYPE = { 'content-type': 'application/json' };

let platform: Platform;
let added: OwnIssuer;
let ours: OwnIssuer;
const [addedFolder, folder, otherFolder] = [issuersFolder(), issuersFolder(), issuersFolder()];
const clock = createMovedClock(() => platform);
beforeAll(async () => {
  added = await writeOwnIssuer(addedFolder, 'added', {});
  ours = await writeOwnIssuer(folder, 'ours', {});
  platform = await startPlatform({ arguments: ['--issuers', addedFolder] });
});
afterEach(() => ask(`${platform.edge}/_local/faults`, { method: 'DELETE', headers: JSON_TYPE }));
afterAll(async () => {
  await platform.stop();
  platform.remove();
  for (const one of [addedFolder, folder, otherFolder]) rmSync(one, { recursive: true, force: true });
});

const issuers = (...words: string[]): Promise<CommandResult> => nearput(['issuers', ...words, '--data', platform.data]);
const done = async (...words: string[]): Promise<CommandResult> => {
  const result = await issuers(...words);
  expect(result, result.stderr).toMatchObject({ code: 0 });
  return result;
};
/** Lets every hop read the registry anew before its next answer. */
const settle = (): Promise<void> => clock.forward(30);
const versions = async (): Promise<readonly number[]> =>
  Promise.all(CODES.map(async (code) => (await readPolicy(platform, code)).version));

/** Makes every call on a Region's registry bucket fail. */
const breakRegistry = async (code: string, fault: object): Promise<void> => {
  const { name: region, registryBucket: resource } = platform.regions[code] ?? {};
  const rule = { service: 's3', mode: 'fail', region, resource, count: 1_000, ...fault };
  const answer = await ask(`${platform.edge}/_local/faults`, {
    method: 'POST',
    headers: JSON_TYPE,
    body: JSON.stringify(rule),
  });
  expect(answer.status, answer.text).toBe(200);
};

describe('an operator', () => {
  it('publishes a folder beside the platform’s own issuers, which all stay', async () => {
    const { stderr } = await done('publish', folder, '--yes', '--reason', 'e2e: begin');
    expect(stderr).toContain('keeps its own issuers: local, acme, globex, initech, umbrella, added');
    await settle();
    for (const token of [await signOwn(ours), await signOwn(added), await mint(platform)]) {
      expect(await askAll(platform, token)).toEqual(everyHop(platform, '200'));
    }
    expect((await done('diff', folder)).stdout).toBe('');
  });

  it('changes nothing by doing it again', async () => {
    const before = await versions();
    await done('publish', folder, '--yes');
    for (let times = 0; times < 2; times += 1)
      await done('revoke', 'ours', '--token', 'jti-1', '--reason', 'e2e: again');
    expect(await versions()).toEqual(before.map((version) => version + 1));
  });

  it('who publishes at the same time as another hears of it, and Regions end alike', async () => {
    await writeOwnIssuer(otherFolder, 'ours', { note: 'theirs' });
    const [version = 0] = await versions();
    const results = await Promise.all([folder, otherFolder].map((one) => issuers('publish', one, '--yes')));
    const losers = results.filter(({ code }) => code !== 0);
    for (const { stderr } of losers) expect(stderr).toContain('another publisher was faster');
    // The folder that is published already changes nothing if it comes first.
    expect(losers.length).toBeLessThanOrEqual(1);
    const after = await versions();
    expect(new Set(after).size).toBe(1);
    expect(after[0]).toBeGreaterThan(version);
    await done('status');
    await done('publish', folder, '--yes');
  });

  it('revokes with a Region down, whose gates read the next one; later it catches up', async () => {
    const token = await signOwn(ours, { sub: 'mallory' });
    await settle();
    expect(await askAll(platform, token)).toEqual(everyHop(platform, '200'));
    await breakRegistry('use1', {});
    const words = ['revoke', 'ours', '--subject', 'mallory', '--reason', 'e2e: left'];
    const { stderr } = await done(...words);
    expect(stderr).toContain('WARNING: use1 could not be reached');
    await settle();
    expect(await askAll(platform, token)).toEqual(everyHop(platform, 'token_revoked'));
    await ask(`${platform.edge}/_local/faults`, { method: 'DELETE', headers: JSON_TYPE });
    const differ = await issuers('status');
    expect(differ).toMatchObject({ code: 1, stderr: expect.stringContaining('Regions differ: use1') });
    expect((await done(...words)).stderr).not.toContain('WARNING');
    await done('status');
  });

  it('is told NOT DONE, and fails, while a Region takes no writes; after 5 minutes nobody believes its copy', async () => {
    const token = await signOwn(ours, { sub: 'oscar' });
    await settle();
    expect(await askAll(platform, token)).toEqual(everyHop(platform, '200'));
    await breakRegistry('apse2', { action: 'PutObject', status: 403, code: 'AccessDenied' });
    const words = ['revoke', 'ours', '--subject', 'oscar', '--reason', 'e2e: left'];
    const refused = await issuers(...words);
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('NOT DONE in apse2') });
    await settle();
    const cutOff = { 'gate at sydney': '200', 'API of apse2': '200' };
    expect(await askAll(platform, token)).toEqual({ ...everyHop(platform, 'token_revoked'), ...cutOff });
    await clock.forward(300);
    expect(await askAll(platform, token)).toEqual(everyHop(platform, 'token_revoked'));
    await ask(`${platform.edge}/_local/faults`, { method: 'DELETE', headers: JSON_TYPE });
    await done(...words);
  });

  it('goes back to an old version under a new number, and nobody who was cut off comes in again', async () => {
    const [first = 0] = await versions();
    await writeOwnIssuer(otherFolder, 'ours', { ownership: 'tenant' });
    const changed = await done('publish', otherFolder, '--yes');
    expect(changed.stdout).toMatch(/^RE-KEYS +ours: /m);
    await done('revoke', 'ours', '--subject', 'eve', '--reason', 'e2e: after the publish');
    const { stdout } = await done('rollback', String(first), '--yes', '--reason', 'e2e: wrong folder');
    expect(stdout).toMatch(/^RE-KEYS +ours: /m);
    expect(await versions()).toEqual(CODES.map(() => first + 3));
    await settle();
    expect(await askAll(platform, await signOwn(ours))).toEqual(everyHop(platform, '200'));
    for (const sub of ['mallory', 'eve']) {
      expect(await askAll(platform, await signOwn(ours, { sub })), sub).toEqual(everyHop(platform, 'token_revoked'));
    }
  });

  it('ends URLs that are out already, of this issuer alone, and lets them live again', async () => {
    const [token, other] = [await signOwn(ours), await signOwn(added)];
    const file = someFile();
    const grant = await create(platform, token, file.body);
    const cut = await done('disable', 'ours', '--cut-grants', '--reason', 'e2e: breach');
    expect(cut.stdout).toContain('"s3:authType":["REST-QUERY-STRING","POST"]');
    await done('disable', 'ours', '--cut-grants', 'apply', '--reason', 'e2e: breach');
    expect((await put(grant, file.bytes)).status).toBe(403);
    await uploadBytes(platform, other, someFile());
    await done('enable', 'ours', '--restore-grants', '--reason', 'e2e: over');
    expect((await put(grant, file.bytes)).status).toBe(200);
  });

  it('finds every change in the audit log of every Region, by the role that made it', async () => {
    const logs = await Promise.all(CODES.map((code) => readAudit(platform, code)));
    const tell = (code: number) => logs[code]?.map(({ action, reason }) => `${action} ${reason ?? ''}`.trim()) ?? [];
    expect(new Set(logs.flat().map(({ who }) => who))).toEqual(new Set([OPERATOR]));
    for (const action of ['publish e2e: begin', 'revoke e2e: again', 'revoke e2e: left', 'disable e2e: breach']) {
      for (const index of CODES.keys()) expect(tell(index)).toContain(action);
    }
    expect(tell(0).filter((line) => line === 'revoke e2e: again')).toHaveLength(1);
    expect(tell(0).at(-1)).toBe('enable e2e: over');
    expect(logs[0]?.find(({ action }) => action === 'rollback')?.diff.join()).toMatch(/RE-KEYS +ours: /);
  });
});
