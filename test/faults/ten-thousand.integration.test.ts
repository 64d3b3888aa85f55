import { describe, expect, it } from 'vitest';
import type { PartList } from '../../core/contract/records.ts';
import { objectKey } from '../../core/objects/object-key.ts';
import { startParts } from './sender.fixture.ts';
import { BUCKET } from './servers.fixture.ts';
import { createStories } from './story.fixture.ts';
import { createWorld, persist } from './world.fixture.ts';

const PART = 5_242_880;
const COUNT = 10_000;

const { servers } = createStories();

describe('ten thousand parts', () => {
  it('are listed and finalized, by the request or by the worker', async () => {
    const world = createWorld(servers());
    const upload = world.grant({ kind: 'multipart', partSize: PART, size: COUNT * PART, seed: `${Date.now()}` });
    const uploadId = await startParts(world, upload);
    const where = { bucket: BUCKET, key: objectKey(upload.subject), uploadId };
    await servers().s3.putZeroParts('euw1', { ...where, count: COUNT, size: PART });
    const startedAt = performance.now();
    const list = (await world.ask('GET', `${upload.subject.id}/parts?uploadId=${uploadId}`)).body as PartList;
    const listMs = Math.round(performance.now() - startedAt);
    expect([list.parts.length, list.missing, list.wrong]).toEqual([COUNT, [], []]);
    const first = await world.ask('POST', `${upload.subject.id}/finalize`);
    expect(first.line).toMatch(/^20[02]$/);
    if (first.line === '202') await world.runWorker();
    expect(await persist(world, 'POST', `${upload.subject.id}/finalize`)).toBe('200');
    const { body } = await world.ask('GET', upload.subject.id);
    expect(body).toMatchObject({ state: 'UPLOADED', size: COUNT * PART });
    process.stdout.write(
      `10,000 parts: listed in ${listMs} ms, first finalize ${first.line} in ${Math.round(first.ms)} ms\n`,
    );
  });
});
