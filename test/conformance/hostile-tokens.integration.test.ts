import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDeployment } from '../../cli/issuers/deployment/open-deployment.ts';
import { explainToken } from '../../cli/issuers/explain/explain-token.ts';
import { loadLiveRegistry } from '../../cli/issuers/explain/load-registry.ts';
import { nearput } from '../support/command.ts';
import { type Answer, ask, codeOf, comparable } from '../support/gateway.ts';
import { type PreparedCase, prepareCatalogue } from '../support/hostile-tokens/hostile-issuers.ts';
import { type Platform, startPlatform } from '../support/platform.ts';
import { overwritePolicy, setClock } from '../support/registry.ts';

/** How far the clock is moved once the registry is written, so that every hop reads it before its next answer, in seconds. */
const AHEAD = 30;

const seconds = (): number => Math.floor(Date.now() / 1_000) + AHEAD;
const { cases, entries, revocations } = prepareCatalogue(seconds());

let platform: Platform;
beforeAll(async () => {
  platform = await startPlatform();
  await overwritePolicy(platform, ({ issuers }) => ({ issuers: [...issuers, ...entries], revocations }));
  await setClock(platform, AHEAD);
});
afterAll(async () => {
  await platform.stop();
  platform.remove();
});

/** Asks again when CloudFront or API Gateway had no instance, which has nothing to do with the token. */
const patiently = async (send: () => Promise<Answer>): Promise<Answer> => {
  for (let left = 20; ; left -= 1) {
    const answer = await send();
    const ours = String(answer.headers['content-type']).startsWith('application/');
    if (left === 0 || answer.status < 500 || (ours && answer.headers['x-request-id'] !== undefined)) return answer;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
};
const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
const atGate = (token: string) => patiently(() => ask(`${platform.edge}/v1/whoami`, bearer(token)));
const atApi = (token: string) =>
  patiently(() => ask(`${platform.regions['euw1']?.api}/v1/uploads?limit=1`, bearer(token)));

/** Line breaks cannot travel in a header, and spaces before a token belong to the header (RFC 6750, 2.1). */
const travels = (one: PreparedCase): boolean => !/[\r\n]|^ /.test(one.token(0));
const hostile = cases.filter((one) => one.hostile && travels(one)).map((one) => ({ ...one, at: one.family }));
const twins = cases.filter((one) => !one.hostile).map((one) => ({ ...one, at: one.family }));

/** What a token met at both hops; the request ids tell which lines of the logs are about it. */
type Met = { readonly one: PreparedCase; readonly token: string; readonly gate: Answer; readonly api: Answer };
const met: Met[] = [];
const meet = async (one: PreparedCase): Promise<Met> => {
  const token = one.token(seconds());
  const both = { one, token, gate: await atGate(token), api: await atApi(token) };
  met.push(both);
  return both;
};

describe('the built gate and API', () => {
  it('meet at least 200 hostile tokens', () => {
    expect(hostile.length).toBeGreaterThanOrEqual(200);
    expect(cases.filter((one) => one.hostile).length - hostile.length).toBe(3);
  });

  it.each(twins)('let the good twin in: $at, $name', async (one) => {
    const { gate, api } = await meet(one);
    expect(gate.status).toBe(200);
    // A twin without uploads:read is known there and may only not read.
    expect([200, 403]).toContain(api.status);
  });

  it.each(hostile)('refuse: $at, $name', async (one) => {
    const { gate, api } = await meet(one);
    expect([gate.status, codeOf(gate)]).toEqual([401, one.code]);
    expect(gate.headers['www-authenticate']).toMatch(/^Bearer error="invalid_token", error_description="[ -!#-~]+"$/);
    expect(gate.text).not.toContain('case-');
    expect([api.status, codeOf(api)]).toEqual([401, one.code]);
  });

  it('say of all tokens without a good signature one of two things, each always in the same words', () => {
    for (const code of ['token_malformed', 'token_untrusted']) {
      const those = met.filter(({ one }) => one.code === code);
      expect(those.length).toBeGreaterThan(40);
      for (const hop of ['gate', 'api'] as const) {
        const answers = those.map((one) => comparable(one[hop]));
        for (const answer of answers) expect(answer).toEqual(answers[0]);
      }
    }
  });
});

describe('explain-token', () => {
  /** Lines of a hop's logs by request id. */
  const logged = (name: RegExp): ReadonlyMap<string, Record<string, unknown>> => {
    const folder = join(platform.data, 'logs');
    const lines = readdirSync(folder)
      .filter((file) => name.test(file))
      .flatMap((file) => readFileSync(join(folder, file), 'utf8').split('\n'))
      .filter((line) => line.startsWith('{') && line.includes('"requestId"'))
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    return new Map(lines.map((line) => [String(line['requestId']), line]));
  };
  const idOf = (answer: Answer): string => String(answer.headers['x-request-id']);

  it('says of every token of the catalogue what both hops said, with the exact class of their logs', async () => {
    const environment = { env: {}, cwd: platform.data, notice: () => undefined };
    const deployment = await openDeployment({ data: platform.data }, environment, AbortSignal.timeout(10_000));
    const { registry } = await loadLiveRegistry(deployment.regions).finally(deployment.close);
    const [gateLog, apiLog] = [logged(/^gate-/), logged(/-api\./)];
    expect(met).toHaveLength(hostile.length + twins.length);
    for (const { one, token, gate, api } of met) {
      const name = `${one.family}: ${one.name}`;
      const { accepted, refusal } = await explainToken(token, registry, seconds() * 1_000);
      expect(accepted, name).toBe(!one.hostile);
      if (refusal === null) continue;
      const { code, status, reason } = refusal;
      expect([gate.status, codeOf(gate)], `${name}, at the gate`).toEqual([status, code]);
      expect([api.status, codeOf(api)], `${name}, at the API`).toEqual([status, code]);
      expect(gateLog.get(idOf(gate)), name).toMatchObject({ reason, tokenClass: reason });
      expect(apiLog.get(idOf(api)), name).toMatchObject({ refusal: reason });
      // A token that ends in the header already never comes to have its form looked at.
      if (!['scheme_not_bearer', 'bearer_not_a_token'].includes(reason)) expect(reason, name).toBe(one.reason);
    }
  });

  it('says so as a command too: one token of each family', async () => {
    const families = [...new Set(hostile.map(({ family }) => family))];
    const explained = await Promise.all(
      families.map(async (family) => {
        const last = met.findLast(({ one }) => one.hostile && one.family === family);
        const at = new Date(seconds() * 1_000).toISOString();
        const { stdout } = await nearput(['explain-token', '-', '--json', '--at', at, '--data', platform.data], {
          input: last?.token ?? '',
        });
        const { refusal } = JSON.parse(stdout) as { refusal: { code: string; reason: string } | null };
        return { family, refusal, expected: { code: last?.one.code, reason: last?.one.reason } };
      }),
    );
    expect(explained).toHaveLength(8);
    for (const { family, refusal, expected } of explained) expect(refusal, family).toMatchObject(expected);
  });
});
