import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, inject, it } from 'vitest';
import { RESPONSE_TARGET_MS } from '../../core/contract/limits.ts';
import type { CreatedUpload } from '../../core/contract/records.ts';
import { type Answer, ask, callGateway, codeOf, mint, someFile } from '../support/gateway.ts';

const platform = inject('platform');
const BODY = someFile(22, { method: 'multipart' }).body;
const REGIONS = ['eu-west-1', 'us-east-1', 'ap-southeast-2'];

type Fault = { readonly mode: string; readonly delayMs?: number; readonly status?: number; readonly code?: string };

/** Makes the next request for this action at a Region's S3 meet a fault. */
const plant = async (region: string, action: string, fault: Fault): Promise<void> => {
  const answer = await ask(`${platform.edge}/_local/faults`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ service: 's3', region, action, count: 2, ...fault }),
  });
  if (answer.status !== 200) throw new Error(`the platform answered ${answer.status}: ${answer.text}`);
};

afterEach(async () => {
  await ask(`${platform.edge}/_local/faults`, { method: 'DELETE', headers: { 'content-type': 'application/json' } });
});

const timed = async (work: () => Promise<Answer>): Promise<{ answer: Answer; ms: number }> => {
  const since = performance.now();
  return { answer: await work(), ms: performance.now() - since };
};

const createFrom = async (viewer: string, more: object = {}, headers = {}) => {
  const token = await mint(platform, { sub: 'failover' });
  return timed(() =>
    callGateway(platform, 'POST', '/v1/uploads', { token, viewer, headers, body: { ...BODY, ...more } }),
  );
};

describe('an S3 that does not start an upload in parts', () => {
  it.each<[string, Fault]>([
    ['says SlowDown', { mode: 'fail', status: 503, code: 'SlowDown' }],
    ['refuses', { mode: 'fail', status: 403, code: 'AccessDenied' }],
    ['answers an error with 200', { mode: 'error-in-200' }],
    ['never answers', { mode: 'hang' }],
    ['cuts the line after it acted', { mode: 'drop' }],
  ])('and %s is left for the next Region within 2 s', async (_, fault) => {
    await plant('eu-west-1', 'CreateMultipartUpload', fault);
    const { answer, ms } = await createFrom('dublin');
    expect(answer.status, answer.text).toBe(201);
    const created = answer.json as CreatedUpload;
    expect(created).toMatchObject({ region: 'use1', regionReason: 'failover' });
    expect(created.id).toMatch(/^use1_/);
    expect(created.multipart?.parts[0]?.url).toContain(platform.regions['use1']?.bucket);
    expect(ms).toBeLessThan(RESPONSE_TARGET_MS);
  });

  it('nor says what is open is left as well', async () => {
    await plant('eu-west-1', 'ListMultipartUploads', { mode: 'hang' });
    const { answer, ms } = await createFrom('dublin', {}, { 'idempotency-key': randomBytes(16).toString('hex') });
    expect(answer.json).toMatchObject({ region: 'use1', regionReason: 'failover' });
    expect(ms).toBeLessThan(RESPONSE_TARGET_MS);
  });

  it('anywhere is 503 with Retry-After within 2 s', async () => {
    for (const region of REGIONS) await plant(region, 'CreateMultipartUpload', { mode: 'hang' });
    const { answer, ms } = await createFrom('dublin');
    expect([answer.status, codeOf(answer)]).toEqual([503, 'upstream_unavailable']);
    expect(answer.headers['retry-after']).toBe('1');
    expect(ms).toBeLessThan(RESPONSE_TARGET_MS);
  });

  it('does not hold up a PUT, which asks S3 for nothing', async () => {
    await plant('eu-west-1', 'CreateMultipartUpload', { mode: 'hang' });
    const { answer } = await createFrom('dublin', { method: 'put' });
    expect(answer.json).toMatchObject({ region: 'euw1', regionReason: 'viewer-location' });
  });
});
