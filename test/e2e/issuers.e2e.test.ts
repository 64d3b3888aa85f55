import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CommandResult, nearput } from '../support/command.ts';
import { type Answer, ask, callGateway, codeOf, mint, someFile, until, uploadBytes } from '../support/gateway.ts';
import { issuersFolder, type OwnIssuer, signOwn, writeOwnIssuer } from '../support/own-issuer.ts';
import { freePort, type Platform, startPlatform } from '../support/platform.ts';

/** What the gateway promises: from the write in a Region to the last request it still decides as before. */
const PROMISED_MS = 30_000;
const PLACES = { euw1: 'dublin', use1: 'new-york', apse2: 'sydney' } as const;
/** Asked once before and not again until the promise is due: its instance sleeps frozen all the while. */
const SLEEPER = 'sao-paulo';

let platform: Platform;
let newcomer: OwnIssuer;
const folder = issuersFolder();
beforeAll(async () => {
  platform = await startPlatform({ port: await freePort() });
  newcomer = await writeOwnIssuer(folder, 'newcomer', {});
});
afterAll(async () => {
  await platform.stop();
  platform.remove();
  rmSync(folder, { recursive: true, force: true });
});

const run = (...words: string[]): Promise<CommandResult> => nearput([...words, '--data', platform.data]);
const issuers = (...words: string[]): Promise<CommandResult> => run('issuers', ...words);
const kidOf = ({ privateJwk }: OwnIssuer): string => privateJwk.kid ?? '';

/** Every hop that decides by itself: the gate near each Region, and each Region's own API. */
const hops = (): readonly { readonly name: string; readonly ask: (token: string) => Promise<Answer> }[] =>
  Object.entries(PLACES).flatMap(([code, viewer]) => [
    { name: `gate at ${viewer}`, ask: (token) => callGateway(platform, 'GET', '/v1/whoami', { token, viewer }) },
    {
      name: `API of ${code}`,
      ask: (token: string) =>
        ask(`${platform.regions[code]?.api}/v1/uploads?limit=1`, {
          headers: { authorization: `Bearer ${token}` },
        }),
    },
  ]);

/** Asks every hop again and again until each answers with `status`; how long each took to change for good, in milliseconds. */
const measure = async (token: string, status: number, sinceMs: number): Promise<ReadonlyMap<string, number>> => {
  const took = new Map<string, number>();
  const watch = async ({ name, ask: askHop }: ReturnType<typeof hops>[number]): Promise<void> => {
    let lastOther = sinceMs;
    let inRow = 0;
    // Several in a row, since a hop may have more than one instance.
    while (inRow < 5) {
      const sentMs = Date.now();
      const answer = await askHop(token);
      if (answer.status === status) inRow += 1;
      else {
        inRow = 0;
        lastOther = sentMs;
      }
      if (lastOther - sinceMs > PROMISED_MS) throw new Error(`${name} still answers ${answer.status}: ${answer.text}`);
      await new Promise((resolve) => setTimeout(resolve, 400));
    }
    took.set(name, lastOther - sinceMs);
  };
  await Promise.all(hops().map(watch));
  return took;
};

const show = (what: string, took: ReadonlyMap<string, number>): void => {
  const each = [...took].map(([name, ms]) => `${name} ${(ms / 1_000).toFixed(1)} s`).sort();
  process.stdout.write(`${what}: ${each.join(', ')}\n`);
};

describe('the issuer registry of a running platform', () => {
  it('lints the examples of this repository without a fault', async () => {
    const { code, stderr } = await nearput(['issuers', 'lint', join(import.meta.dirname, '../../issuers')]);
    expect(code, stderr).toBe(0);
  });

  it('takes a new issuer, which is let in everywhere within 30 s without a restart', async () => {
    const token = await signOwn(newcomer);
    for (const hop of hops()) expect(codeOf(await hop.ask(token)), hop.name).toBe('token_untrusted');
    const shown = await issuers('diff', folder);
    expect(shown.stdout).toMatch(/^WIDENS {3}newcomer: is new: tokens of "https:\/\/newcomer\.example\/"/);
    const published = await issuers('publish', folder, '--yes');
    expect(published, published.stderr).toMatchObject({ code: 0 });
    const took = await measure(token, 200, Date.now());
    show('published, used after', took);
    for (const ms of took.values()) expect(ms).toBeLessThanOrEqual(PROMISED_MS);
    await uploadBytes(platform, token, someFile());
    expect(codeOf(await callGateway(platform, 'GET', '/v1/whoami', { token: `${token.slice(0, -8)}AAAAAAAA` }))).toBe(
      'token_untrusted',
    );
  });

  it('fetches the key set of a new issuer at once, not by its schedule', async () => {
    const entry = JSON.parse(readFileSync(join(folder, 'newcomer.json'), 'utf8')) as object;
    const keys = { jwksUri: `${platform.issuer}/acme/jwks.json` };
    const fetched = { ...entry, id: 'fetched', issuer: 'https://fetched.example/', algorithms: ['PS256'], keys };
    writeFileSync(join(folder, 'fetched.json'), JSON.stringify(fetched));
    const published = await issuers('publish', folder, '--yes');
    expect(published, published.stderr).toMatchObject({ code: 0 });
    const took = await measure(await mint(platform, { iss: 'https://fetched.example/' }, 'acme'), 200, Date.now());
    show('published with a key set to fetch, used after', took);
    for (const ms of took.values()) expect(ms).toBeLessThanOrEqual(PROMISED_MS);
  });

  it('keeps the test issuers, and shows the same version in every Region', async () => {
    expect((await callGateway(platform, 'GET', '/v1/whoami', { token: await mint(platform) })).status).toBe(200);
    const { code, stdout } = await issuers('status', '--json');
    expect(code).toBe(0);
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { region: string; digest?: string });
    const digests = lines.flatMap(({ digest }) => digest ?? []);
    expect(digests).toHaveLength(3);
    expect(new Set(digests).size).toBe(1);
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

  it('refuses a revoked key at every hop within 30 s, whatever name it comes back under', async () => {
    const token = await signOwn(newcomer);
    const asleep = () => callGateway(platform, 'GET', '/v1/whoami', { token, viewer: SLEEPER });
    await until(asleep, ({ status }) => status === 200, PROMISED_MS);
    for (const hop of hops()) expect((await hop.ask(token)).status, hop.name).toBe(200);
    // Before any Region was written to: what is measured is never less than what was promised.
    const sinceMs = Date.now();
    const revoked = await issuers('revoke', 'newcomer', '--kid', kidOf(newcomer), '--reason', 'e2e: leaked');
    expect(revoked, revoked.stderr).toMatchObject({ code: 0 });
    const took = await measure(token, 401, sinceMs);
    show('revoked, last let in after', took);
    for (const ms of took.values()) expect(ms).toBeLessThanOrEqual(PROMISED_MS);
    for (const hop of hops()) expect(codeOf(await hop.ask(token)), hop.name).toBe('token_revoked');

    const renamed = { ...newcomer, privateJwk: { ...newcomer.privateJwk, kid: 'renamed' } };
    const { d: _, ...publicJwk } = renamed.privateJwk;
    const entry = join(folder, 'newcomer.json');
    const { keys: _keys, ...rest } = JSON.parse(readFileSync(entry, 'utf8')) as { keys: unknown };
    writeFileSync(entry, JSON.stringify({ ...rest, keys: { jwks: { keys: [{ ...publicJwk, use: 'sig' }] } } }));
    const published = await issuers('publish', folder, '--yes');
    expect(published, published.stderr).toMatchObject({ code: 0 });
    const again = await signOwn(renamed);
    const codes = async (): Promise<string> =>
      codeOf(await callGateway(platform, 'GET', '/v1/whoami', { token: again }));
    expect(await until(codes, (code) => code !== 'token_untrusted', PROMISED_MS)).toBe('token_revoked');

    await new Promise((resolve) => setTimeout(resolve, Math.max(0, sinceMs + PROMISED_MS - Date.now())));
    expect(codeOf(await asleep()), `${SLEEPER} slept through it`).not.toBe('internal');
    expect((await asleep()).status).toBe(401);
    const explained = await run('explain-token', again);
    expect(explained).toMatchObject({ code: 1, stdout: expect.stringContaining('(key_revoked)') });
  });

  it('lets the key in again after unrevoke, and nobody after disable', async () => {
    const renamed = { ...newcomer, privateJwk: { ...newcomer.privateJwk, kid: 'renamed' } };
    const lifted = await issuers('unrevoke', 'newcomer', '--kid', 'renamed', '--reason', 'e2e: found again');
    expect(lifted, lifted.stderr).toMatchObject({ code: 0 });
    const token = await signOwn(renamed);
    show('lifted, let in after', await measure(token, 200, Date.now()));
    const disabled = await issuers('disable', 'newcomer', '--reason', 'e2e: breach', '--cut-grants');
    expect(disabled.stdout).toContain('"s3:authType":["REST-QUERY-STRING","POST"]');
    show('disabled, last let in after', await measure(token, 401, Date.now()));
  });
});
