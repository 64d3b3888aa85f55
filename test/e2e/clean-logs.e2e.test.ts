import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { callGateway, create, mint, put, someFile, uploadBytes } from '../support/gateway.ts';

const platform = inject('platform');

const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? filesBelow(join(folder, entry.name)) : [join(folder, entry.name)],
  );

/** Every string of some length in the platform's own secrets. */
const secretsOf = (value: unknown): string[] => {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) =>
    typeof member === 'string' && /secret|token|^d$|private/i.test(name) && member.length >= 16
      ? [member]
      : secretsOf(member),
  );
};

/** What may never be logged, by what it looks like. */
const FORBIDDEN: [string, RegExp][] = [
  ['a token', /eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}/],
  ['a signed query', /X-Amz-(?:Signature|Credential|Security-Token)=/i],
  ['a signature', /Signature=[0-9a-f]{16,}/],
  ['a bearer header', /bearer [A-Za-z0-9_-]{10,}/i],
  ['a private key', /"d":"[A-Za-z0-9_-]{20,}"/],
];

describe('logs of the whole end-to-end run', () => {
  it('hold no token, signature, key or signed query', async () => {
    const token = await mint(platform, { sub: 'logged' });
    await uploadBytes(platform, token, someFile());
    const file = someFile();
    const created = await create(platform, token, file.body);
    await put(
      {
        ...created,
        put: {
          ...created.put,
          url: created.put?.url.replace('X-Amz-Expires=', 'X-Amz-Expires=1') ?? '',
        } as NonNullable<typeof created.put>,
      },
      file.bytes,
    );
    await callGateway(platform, 'GET', `/v1/uploads/${created.id}?ttl=${token}`, { token });
    await callGateway(platform, 'GET', '/v1/whoami', { token: `${token}x` });
    await new Promise((resolve) => setTimeout(resolve, 1_000));

    const logs = filesBelow(join(platform.data, 'logs'));
    const secrets = secretsOf(JSON.parse(readFileSync(join(platform.data, 'state.json'), 'utf8')));
    expect(secrets.length).toBeGreaterThan(8);
    expect(logs.length).toBeGreaterThan(4);
    expect(logs.reduce((sum, path) => sum + statSync(path).size, 0)).toBeGreaterThan(10_000);
    for (const path of logs) {
      const text = readFileSync(path, 'utf8');
      for (const [what, pattern] of FORBIDDEN) expect(pattern.exec(text)?.[0], `${what} in ${path}`).toBeUndefined();
      for (const secret of secrets) expect(text.includes(secret), `a secret in ${path}`).toBe(false);
    }
  });

  it('tell one line a request at every hop, joined by its id', async () => {
    const token = await mint(platform, { sub: 'joined' });
    const { created } = await uploadBytes(platform, token, someFile());
    const answer = await callGateway(platform, 'GET', `/v1/uploads/${created.id}`, { token });
    await new Promise((resolve) => setTimeout(resolve, 500));
    const id = String(answer.headers['x-request-id']);
    const hits = filesBelow(join(platform.data, 'logs')).filter((path) => readFileSync(path, 'utf8').includes(id));
    expect(
      hits.some((path) => path.includes('gate')),
      hits.join(),
    ).toBe(true);
    expect(
      hits.some((path) => path.includes('api')),
      hits.join(),
    ).toBe(true);
  });
});
