import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CommandResult, nearput } from '../support/command.ts';
import { callGateway, codeOf, mint, someFile, until, uploadBytes } from '../support/gateway.ts';
import { askAll, everyHop, measureHops } from '../support/hops.ts';
import { issuersFolder, type OwnIssuer, signOwn, writeOwnIssuer } from '../support/own-issuer.ts';
import { type Platform, startPlatform } from '../support/platform.ts';
import { createMovedClock } from '../support/provider-world.ts';

/** What the gateway promises: from the write in a Region to the last request it still decides as before. */
const PROMISED_MS = 30_000;
/** Asked once before and not again until the promise is due: its instance sleeps frozen all the while. */
const SLEEPER = 'sao-paulo';

let platform: Platform;
let newcomer: OwnIssuer;
const folder = issuersFolder();
const clock = createMovedClock(() => platform);
beforeAll(async () => {
  platform = await startPlatform();
  newcomer = await writeOwnIssuer(folder, 'newcomer', {});
});
afterAll(async () => {
  await platform.stop();
  platform.remove();
  rmSync(folder, { recursive: true, force: true });
});

const run = (...words: string[]): Promise<CommandResult> => nearput([...words, '--data', platform.data]);
const issuers = (...words: string[]): Promise<CommandResult> => run('issuers', ...words);
const done = async (...words: string[]): Promise<CommandResult> => {
  const result = await issuers(...words);
  expect(result, result.stderr).toMatchObject({ code: 0 });
  return result;
};

/** Measures a change at every hop, prints what each took, and holds each to the promise. */
const measure = async (what: string, token: string, status: number, sinceMs: number): Promise<void> => {
  const took = await measureHops(platform, token, { status, sinceMs, promisedMs: PROMISED_MS });
  const each = [...took].map(([name, ms]) => `${name} ${(ms / 1_000).toFixed(1)} s`).sort();
  process.stdout.write(`${what}: ${each.join(', ')}\n`);
  for (const ms of took.values()) expect(ms).toBeLessThanOrEqual(PROMISED_MS);
};

/** Moves the clock to the moment the promise for a change at `sinceMs` (machine's time) is due. */
const forwardToPromise = (sinceMs: number): Promise<void> =>
  clock.forward(Math.max(0, sinceMs + PROMISED_MS - Date.now()) / 1_000);

/** The newcomer's own key under another name. */
const renamed = (): OwnIssuer => ({ ...newcomer, privateJwk: { ...newcomer.privateJwk, kid: 'renamed' } });

describe('the issuer registry of a running platform', () => {
  it('lints the examples of this repository without a fault', async () => {
    const { code, stderr } = await nearput(['issuers', 'lint', join(import.meta.dirname, '../../issuers')]);
    expect(code, stderr).toBe(0);
  });

  it('takes new issuers, whose keys are written down or fetched at once: let in everywhere within 30 s without a restart', async () => {
    const entry = JSON.parse(readFileSync(join(folder, 'newcomer.json'), 'utf8')) as object;
    const keys = { jwksUri: `${platform.issuer}/acme/jwks.json` };
    const fetched = { ...entry, id: 'fetched', issuer: 'https://fetched.example/', algorithms: ['PS256'], keys };
    writeFileSync(join(folder, 'fetched.json'), JSON.stringify(fetched));
    const tokens = { written: await signOwn(newcomer), fetched: await mint(platform, { iss: fetched.issuer }, 'acme') };
    for (const token of Object.values(tokens)) {
      expect(await askAll(platform, token)).toEqual(everyHop(platform, 'token_untrusted'));
    }
    const shown = await done('diff', folder);
    expect(shown.stdout).toMatch(/^WIDENS {3}newcomer: is new: tokens of "https:\/\/newcomer\.example\/"/m);
    await done('publish', folder, '--yes');
    const since = Date.now();
    await Promise.all([
      measure('published, used after', tokens.written, 200, since),
      measure('published with a key set to fetch, used after', tokens.fetched, 200, since),
    ]);
    await uploadBytes(platform, tokens.written, someFile());
    const forged = `${tokens.written.slice(0, -8)}AAAAAAAA`;
    expect(codeOf(await callGateway(platform, 'GET', '/v1/whoami', { token: forged }))).toBe('token_untrusted');
    expect((await callGateway(platform, 'GET', '/v1/whoami', { token: await mint(platform) })).status).toBe(200);
  });

  it('explains a token as the gate decides it, and never prints it', async () => {
    const token = await signOwn(newcomer);
    const good = await run('explain-token', token);
    expect(good, good.stderr).toMatchObject({ code: 0, stdout: expect.stringContaining('accepted until') });
    const expired = await signOwn(newcomer, { iat: 1_000_000_000, exp: 1_000_003_600 });
    const bad = await nearput(['explain-token', '-', '--data', platform.data], { input: `${expired}\n` });
    expect(bad).toMatchObject({ code: 1, stdout: expect.stringContaining('401 token_expired') });
    expect(codeOf(await callGateway(platform, 'GET', '/v1/whoami', { token: expired }))).toBe('token_expired');
    const then = await run('explain-token', expired, '--at', '2001-09-09T02:00:00Z');
    expect(then.code, then.stdout).toBe(0);
    const shown = good.stdout + good.stderr + bad.stdout + bad.stderr;
    for (const part of [...token.split('.'), ...expired.split('.')]) expect(shown).not.toContain(part.slice(0, 20));
  });

  it('refuses a revoked key at every hop within 30 s, also where an instance slept through it', async () => {
    const token = await signOwn(newcomer);
    const asleep = () => callGateway(platform, 'GET', '/v1/whoami', { token, viewer: SLEEPER });
    await until(asleep, ({ status }) => status === 200, PROMISED_MS);
    expect(await askAll(platform, token)).toEqual(everyHop(platform, '200'));
    // Before any Region was written to: what is measured is never less than what was promised.
    const since = Date.now();
    await done('revoke', 'newcomer', '--kid', newcomer.privateJwk.kid ?? '', '--reason', 'e2e: leaked');
    await measure('revoked, last let in after', token, 401, since);
    expect(await askAll(platform, token)).toEqual(everyHop(platform, 'token_revoked'));
    await forwardToPromise(since);
    expect(codeOf(await asleep()), `the first answer of ${SLEEPER}`).toBe('token_revoked');
  });

  it('refuses that key under whatever name it comes back', async () => {
    const { d: _, ...publicJwk } = renamed().privateJwk;
    const file = join(folder, 'newcomer.json');
    const entry = JSON.parse(readFileSync(file, 'utf8')) as object;
    writeFileSync(file, JSON.stringify({ ...entry, keys: { jwks: { keys: [{ ...publicJwk, use: 'sig' }] } } }));
    await done('publish', folder, '--yes');
    await clock.forward(PROMISED_MS / 1_000);
    const token = await signOwn(renamed());
    expect(await askAll(platform, token)).toEqual(everyHop(platform, 'token_revoked'));
    const explained = await run('explain-token', token);
    expect(explained).toMatchObject({ code: 1, stdout: expect.stringContaining('(key_revoked)') });
    await done('unrevoke', 'newcomer', '--kid', 'renamed', '--reason', 'e2e: found again');
    await clock.forward(PROMISED_MS / 1_000);
    expect(await askAll(platform, token)).toEqual(everyHop(platform, '200'));
  });

  it('refuses everybody of a disabled issuer in the first answer of hops that all slept through it', async () => {
    const token = await signOwn(renamed());
    expect(await askAll(platform, token)).toEqual(everyHop(platform, '200'));
    const since = Date.now();
    await done('disable', 'newcomer', '--reason', 'e2e: breach');
    await forwardToPromise(since);
    expect(await askAll(platform, token)).toEqual(everyHop(platform, 'token_revoked'));
  });
});
