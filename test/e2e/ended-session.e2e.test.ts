import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ListMultipartUploadsCommand, ListObjectVersionsCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClient } from '../../client/client.ts';
import { nodeHashes } from '../../client/node/hashes.ts';
import { createNodeTransport } from '../../client/node/transport.ts';
import type { Transport } from '../../client/transport.ts';
import type { UploadOptions } from '../../client/upload.ts';
import type { CreatedUpload, UploadPage } from '../../core/contract/records.ts';
import { sourceOf } from '../faults/sdk-story.fixture.ts';
import { ask, callGateway, create, finalize, mint, put, someFile, until, uploadBytes } from '../support/gateway.ts';
import { type Platform, startPlatform } from '../support/platform.ts';
import { untilRefreshed } from '../support/provider-world.ts';
import { setClock } from '../support/registry.ts';

/** Of the platform's clock, in milliseconds. */
const MINUTE = 60_000;
const DAY = 1_440 * MINUTE;

let platform: Platform;
beforeAll(async () => {
  platform = await startPlatform();
});
afterAll(async () => {
  await platform.stop();
  platform.remove();
});

const moveTo = (time: number): Promise<void> => setClock(platform, (time - Date.now()) / 1_000);

/** The end of the gate's present session, in milliseconds since 1970. The gate itself cannot know it. */
const sessionEnd = async (): Promise<number> => {
  const { sessions } = (await ask(`${platform.edge}/_local/stats`)).json as { sessions: Record<string, string> };
  return Date.parse(sessions['gate'] ?? '');
};

/** Moves the clock to where the gate's session ends in eleven minutes; its URLs are promised for fifteen. Gives the end. */
const nearTheEnd = async (): Promise<number> => {
  const end = await sessionEnd();
  await moveTo(end - 11 * MINUTE);
  return end;
};

const keyIdOf = ({ put: granted }: CreatedUpload): string =>
  new URL(granted?.url ?? '').searchParams.get('X-Amz-Credential')?.split('/')[0] ?? '';

const objectPath = ({ put: granted }: CreatedUpload): string => new URL(granted?.url ?? '').pathname;

/** What S3 answered to requests with a body, for objects whose path ends like this. */
const answersOfS3 = (ending: string): string[] =>
  readFileSync(join(platform.data, 'logs', 's3-access.log'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { method: string; path: string; status: number; code: string | null })
    .filter(({ method, path }) => method === 'PUT' && path.endsWith(ending))
    .map(({ status, code }) => (code ? `${status} ${code}` : String(status)));

/** Bytes of every object version and of nothing else: an open upload counts as -1. */
const bytesIn = async (code: string, id: string): Promise<readonly (number | undefined)[]> => {
  const { s3, name, bucket: Bucket } = platform.regions[code] as Platform['regions'][string];
  const client = new S3Client({ endpoint: s3, region: name, forcePathStyle: true, credentials: platform.admin });
  const { Versions = [] } = await client.send(new ListObjectVersionsCommand({ Bucket }));
  const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket }));
  client.destroy();
  const ofUpload = ({ Key = '' }: { Key?: string | undefined }) => Key.endsWith(`/${id}`);
  return [...Versions.filter(ofUpload).map(({ Size }) => Size), ...Uploads.filter(ofUpload).map(() => -1)];
};

describe('a URL that is promised for longer than the credentials of its session last', () => {
  it('is good until they end and refused as ExpiredToken then, while those of the next session go on', async () => {
    const end = await nearTheEnd();
    const token = await mint(platform, { sub: 'session' });
    const [first, second] = [someFile(), someFile()];
    const early = await create(platform, token, first.body);
    const late = await create(platform, token, second.body);
    expect(Date.parse(late.put?.expiresAt ?? '')).toBeGreaterThan(end + 3 * MINUTE);
    expect(keyIdOf(late)).toBe(keyIdOf(early));

    await moveTo(end - MINUTE);
    const third = someFile();
    const next = await create(platform, token, third.body);
    expect(keyIdOf(next)).toMatch(/^ASIA/);
    expect(keyIdOf(next)).not.toBe(keyIdOf(early));
    expect((await put(early, first.bytes)).status).toBe(200);

    await moveTo(end + 1_000);
    const refused = await put(late, second.bytes);
    expect([refused.status, /<Code>(\w+)<\/Code>/.exec(refused.text)?.[1]]).toEqual([400, 'ExpiredToken']);
    expect((await put(next, third.bytes)).status).toBe(200);
    for (const { id } of [early, next]) expect((await finalize(platform, token, id)).status).toBe(200);
    expect(answersOfS3(objectPath(late))).toEqual(['400 ExpiredToken']);
  });

  it.each([
    ['put', { method: 'put' }, 70_000],
    ['form', { method: 'form' }, 70_000],
    ['parts', { method: 'multipart', partSize: 5_242_880 }, 5_242_880 + 70_000],
  ] as const satisfies readonly (readonly [string, UploadOptions, number])[])(
    'is renewed by the SDK, which finishes with one object: %s',
    async (way, options, size) => {
      const end = await nearTheEnd();
      const told: string[] = [];
      const inner = createNodeTransport();
      let moved: Promise<void> | undefined;
      /** The session ends after the grant was made and before anything is sent to S3. */
      const onceEnded = async <Answer extends { status: number; body: string }>(
        url: string,
        send: () => Promise<Answer>,
      ): Promise<Answer> => {
        if (url.startsWith(platform.edge)) return send();
        moved ??= moveTo(end + 1_000);
        await moved;
        const answer = await send();
        told.push(`${answer.status} ${/<Code>(\w+)<\/Code>/.exec(answer.body)?.[1] ?? ''}`.trim());
        return answer;
      };
      const transport: Transport = {
        send: (request) => onceEnded(request.url, () => inner.send(request)),
        put: (request) => onceEnded(request.url, () => inner.put(request)),
      };
      const token = () => mint(platform, { sub: `sdk ${way}` });
      const client = createClient({ endpoint: platform.edge, token, transport, hashes: nodeHashes });
      const { bytes } = someFile(size);
      const ids: string[] = [];
      const record = await client.upload(sourceOf(bytes), {
        ...options,
        onCreated: ({ id }) => void ids.push(id),
      });
      inner.close();

      expect(record).toMatchObject({ state: 'UPLOADED', size });
      const refused = told.filter((answer) => answer === '400 ExpiredToken');
      const parts = way === 'parts' ? 2 : 1;
      expect(refused.length, told.join()).toBeGreaterThanOrEqual(1);
      expect(refused.length, told.join()).toBeLessThanOrEqual(parts);
      expect(told.length - refused.length, told.join()).toBe(parts);
      expect(ids).toEqual([record.id]);
      expect(await bytesIn(record.region, record.id)).toEqual([size]);
    },
  );
});

describe('after a day', () => {
  it('every function has new credentials by itself, and everything goes on', async () => {
    const before = someFile();
    const stale = await create(platform, await mint(platform, { sub: 'day' }), before.body);
    const now = (await sessionEnd()) + DAY;
    await moveTo(now);
    expect((await put(stale, before.bytes)).text).toContain('<Code>ExpiredToken</Code>');

    await untilRefreshed(platform, now); // a provider's keys are trusted for a day after they were seen
    const token = await mint(platform, { sub: 'day' });
    const { created } = await uploadBytes(platform, token, someFile());
    const stored = someFile();
    const storedOnly = await create(platform, token, stored.body);
    expect((await put(storedOnly, stored.bytes)).status).toBe(200);
    const listed = await until(
      async () => (await callGateway(platform, 'GET', '/v1/uploads?state=RECEIVED', { token })).json as UploadPage,
      ({ items }) => items.length > 0,
    );
    expect(listed.items.map(({ id }) => id)).toEqual([storedOnly.id]);
    expect((await callGateway(platform, 'GET', `/v1/uploads/${created.id}`, { token })).status).toBe(200);
  });

  it('and after the clock was set back too', async () => {
    await moveTo(Date.now());
    const token = await mint(platform, { sub: 'back' });
    const { record } = await uploadBytes(platform, token, someFile());
    expect(record.state).toBe('UPLOADED');
  });
});
