import { describe, expect, inject, it } from 'vitest';
import { RESPONSE_TARGET_MS } from '../../core/contract/limits.ts';
import type { PartList, SignedParts, UploadRecord } from '../../core/contract/records.ts';
import { type Answer, ask, callGateway, create, finalize, mint, until } from '../support/gateway.ts';

/** As many parts as S3 takes, of the least size it takes, on the running platform. The parts are sparse, so they need no disk. */

const platform = inject('platform');
const COUNT = 10_000;
const PART = 5_242_880;
const PAGE = 200;
const SIZE = COUNT * PART;

const timed = async <Value>(work: () => Promise<Value>): Promise<{ value: Value; ms: number }> => {
  const startedAt = performance.now();
  const value = await work();
  return { value, ms: Math.round(performance.now() - startedAt) };
};

const changePlatform = async (path: string, body: object): Promise<void> => {
  const headers = { 'content-type': 'application/json' };
  const answer = await ask(`${platform.edge}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  if (answer.status !== 200) throw new Error(`the platform answered ${answer.status}: ${answer.text}`);
};

describe('ten thousand parts', () => {
  it('are signed, listed and finalized, each answer in time', async () => {
    const token = await mint(platform, { sub: 'ten thousand' });
    const body = { name: 'sparse.bin', size: SIZE, type: 'application/octet-stream', partSize: PART };
    const { id, region, multipart } = await create(platform, token, body, { viewer: 'dublin' });
    const { uploadId = '', partCount, parts: [first] = [] } = multipart ?? {};
    expect(partCount).toBe(COUNT);

    const pages = Array.from({ length: COUNT / PAGE }, (_, index) => 1 + index * PAGE);
    const path = `/v1/uploads/${id}/parts`;
    const signed = await timed(async () => {
      const numbers = new Set<number>();
      for (const from of pages) {
        const answer = await callGateway(platform, 'POST', path, { token, body: { uploadId, from, count: PAGE } });
        for (const part of (answer.json as SignedParts).parts) numbers.add(part.number);
      }
      return numbers.size;
    });
    expect(signed.value).toBe(COUNT);

    const [, bucket = '', ...key] = new URL(first?.url ?? '').pathname.split('/').map(decodeURIComponent);
    await changePlatform('/_local/zero-parts', {
      region,
      bucket,
      key: key.join('/'),
      uploadId,
      count: COUNT,
      size: PART,
    });
    const list = (): Promise<Answer> => callGateway(platform, 'GET', `${path}?uploadId=${uploadId}`, { token });
    await until(list, ({ json }) => (json as PartList).parts.length === COUNT);
    const listed = await timed(list);
    expect(listed.value.json).toMatchObject({ partCount: COUNT, missing: [], wrong: [] });

    const answers: { status: number; ms: number }[] = [];
    const done = await timed(() =>
      until(
        async () => {
          const { value, ms } = await timed(() => finalize(platform, token, id));
          answers.push({ status: value.status, ms });
          return value;
        },
        ({ status }) => status !== 202 && status !== 503,
        60_000,
      ),
    );
    expect(done.value.status, done.value.text).toBe(200);
    expect(done.value.json as UploadRecord).toMatchObject({ state: 'UPLOADED', size: SIZE });

    const slowest = Math.max(...answers.map(({ ms }) => ms));
    process.stdout.write(
      `10,000 parts of 5 MiB: signed in ${pages.length} pages in ${signed.ms} ms, listed in ${listed.ms} ms ` +
        `(${Math.round(listed.value.bytes.length / 1_000)} kB), finalized in ${done.ms} ms by ${answers.length} calls, ` +
        `first ${answers[0]?.status}, slowest ${slowest} ms\n`,
    );
    expect(Math.max(listed.ms, slowest)).toBeLessThan(RESPONSE_TARGET_MS);
  });
});
