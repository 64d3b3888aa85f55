import { describe, expect } from 'vitest';
import type { CreatedUpload } from '../../core/contract/records.ts';
import type { CreateBody } from '../../core/contract/schemas.ts';
import { ask, sha256Hex } from '../support/gateway.ts';
import { createSdkStories, succeeded, type Try, upload } from './sdk-story.fixture.ts';

const story = createSdkStories();

const bodyOf = (content: Buffer): CreateBody => ({
  name: 'bytes.bin',
  size: content.length,
  type: 'application/octet-stream',
  sha256: sha256Hex(content),
});

/** PUTs the bytes as they were granted, past every line; S3's status. */
const put = async ({ put: granted }: CreatedUpload, content: Buffer): Promise<number> => {
  if (granted === undefined) throw new Error('no PUT was granted');
  return (await ask(granted.url, { method: 'PUT', headers: granted.headers, body: content })).status;
};

const putParts = async ({ multipart }: CreatedUpload, content: Buffer): Promise<void> => {
  for (const { number, size, url, headers } of multipart?.parts ?? []) {
    const start = (number - 1) * (multipart?.partSize ?? 0);
    expect((await ask(url, { method: 'PUT', headers, body: content.subarray(start, start + size) })).status).toBe(200);
  }
};

const keyOf = ({ random }: Try): string => random.bytes(12).toString('hex');

describe('an Idempotency-Key', () => {
  story('with another body is another upload, and the first one goes on', async (one) => {
    const { client, content, person } = one;
    const idempotencyKey = keyOf(one);
    const body = bodyOf(content);
    const first = await client.createUpload(body, { idempotencyKey });
    const other = await client.createUpload({ ...body, name: 'other.bin' }, { idempotencyKey });
    person.ids.push(first.id, other.id);
    expect(other.id).not.toBe(first.id);
    expect(await put(first, content)).toBe(200);
    return { record: await client.finalize(first.id) };
  });

  story('used again after its upload is done gives the same upload, which stays as it is', async (one) => {
    const { client, content, person } = one;
    const idempotencyKey = keyOf(one);
    const body = bodyOf(content);
    const first = await client.createUpload(body, { idempotencyKey });
    person.ids.push(first.id);
    expect(await put(first, content)).toBe(200);
    const record = await client.finalize(first.id);
    const again = await client.createUpload(body, { idempotencyKey });
    expect(again.id).toBe(first.id);
    expect(await put(again, content)).toBe(412);
    expect(await client.finalize(again.id)).toEqual(record);
    return { record };
  });

  story('of two creates at once ends as one upload in parts, and nothing is left of a second', async (one) => {
    const { client, content, person, random } = one;
    const idempotencyKey = keyOf(one);
    const { sha256: _, ...body } = { ...bodyOf(content), method: 'multipart', partSize: 5_242_880 } as const;
    const created = await Promise.all([1, 2, 3].map(() => client.createUpload(body, { idempotencyKey })));
    const chosen = random.pick(created);
    person.ids.push(chosen.id);
    expect(new Set(created.map(({ id }) => id)).size).toBe(1);
    for (const other of random.shuffle(created)) if (random.chance(0.5)) await putParts(other, content);
    await putParts(chosen, content);
    return { record: await client.finalize(chosen.id, { uploadId: chosen.multipart?.uploadId ?? '' }) };
  });
});

describe('the event that tells of a create', () => {
  for (const mode of ['fail', 'drop', 'hang', 'delay'] as const) {
    story(`that the queue meets with "${mode}" costs nobody an upload`, async (one) => {
      await one.cloud.plant({ service: 'sqs', action: 'SendMessage', mode, count: 1, delayMs: 1_000 });
      return succeeded(await upload(one));
    });
  }

  story('and those of S3, all of them twice, make one transition', async (one) => {
    await one.cloud.events({ duplicateRate: 1, maxDelayMs: 200 });
    return succeeded(await upload(one));
  });
});
