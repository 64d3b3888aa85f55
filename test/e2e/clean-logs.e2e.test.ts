import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { callGateway, create, mint, put, someFile, uploadBytes } from '../support/gateway.ts';
import { filesBelow, leaksIn, secretsOf } from '../support/leaks.ts';

const platform = inject('platform');

/** Whatever other tests make the platforms log is looked at when each platform ends. */
describe('the logs', () => {
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
    expect(secretsOf(platform.data).length).toBeGreaterThan(8);
    expect(logs.length).toBeGreaterThan(4);
    expect(logs.reduce((sum, path) => sum + statSync(path).size, 0)).toBeGreaterThan(10_000);
    expect(leaksIn(platform.data)).toEqual([]);
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
