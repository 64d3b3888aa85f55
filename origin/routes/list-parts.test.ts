import { beforeEach, describe, expect, it } from 'vitest';
import { transition } from '../record/transition.ts';
import { type ApiWorld, createApiWorld } from '../testing/api-world.ts';
import { problemLine } from '../testing/expect-problem.ts';
import type { TestUpload } from '../testing/subjects.ts';

const MIB = 1_048_576;
const PART = 5 * MIB;
const options = () => ({ signal: AbortSignal.timeout(1_000) });

let world: ApiWorld;
let upload: TestUpload;

beforeEach(() => {
  world = createApiWorld();
  upload = world.grant({ kind: 'multipart', partSize: PART, size: 2 * PART + MIB });
  world.objects.open(upload, 'A');
});

const list = (query = '', how: object = {}) => world.ask('GET', `/v1/uploads/${upload.subject.id}/parts${query}`, how);

describe('the parts of an upload', () => {
  it('are listed with what is missing and what is wrong', async () => {
    world.objects.putPart('A', 1, PART);
    world.objects.putPart('A', 3, MIB + 1, 'b');
    const response = await list('?uploadId=A');
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      uploadId: 'A',
      partSize: PART,
      partCount: 3,
      parts: [
        { number: 1, size: PART, etag: expect.stringMatching(/^"[0-9a-f]{32}"$/), sha256: null },
        { number: 3, size: MIB + 1, etag: expect.stringMatching(/^"[0-9a-f]{32}"$/), sha256: null },
      ],
      missing: [2],
      wrong: [3],
    });
    expect(world.store.all()).toEqual([]);
  });

  it('show each SHA-256 in hex where parts carry one', async () => {
    upload = world.grant({ kind: 'multipart', partSize: PART, size: PART, checksumMode: 'sha256' });
    world.objects.open(upload, 'S');
    world.objects.putPart('S', 1, PART, 'a');
    const { parts } = (await (await list()).json()) as { parts: { sha256: string }[] };
    // SHA-256 of `a`.
    expect(parts[0]?.sha256).toBe('ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb');
  });

  it('are those of the upload started first when nobody names one', async () => {
    world.objects.open(upload, '0', Date.parse(upload.createdAt) + 1);
    expect(await (await list()).json()).toMatchObject({ uploadId: 'A', parts: [], missing: [1, 2, 3], wrong: [] });
  });

  it('are all ten thousand when there are so many', async () => {
    upload = world.grant({ kind: 'multipart', partSize: PART, size: 10_000 * PART });
    world.objects.open(upload, 'T');
    for (let number = 1; number <= 10_000; number += 1) world.objects.putPart('T', number, PART);
    const { parts, missing } = (await (await list()).json()) as { parts: { number: number }[]; missing: number[] };
    expect(parts.map(({ number }) => number)).toEqual(Array.from({ length: 10_000 }, (_, index) => index + 1));
    expect(missing).toEqual([]);
  });
});

describe('the parts of an upload that has none', () => {
  it('because it is a PUT are 400 method_unavailable', async () => {
    upload = world.grant();
    expect(await problemLine(await list())).toBe('400 method_unavailable');
  });

  it.each(['?uploadId=', '?uploadId=a%20b', '?uploadId=A&uploadId=B', `?uploadId=${'a'.repeat(1_025)}`])(
    'because the query is %s are 400 request_invalid',
    async (query) => {
      expect(await problemLine(await list(query))).toBe('400 request_invalid');
    },
  );

  it('because another upload is named are 409 upload_ended', async () => {
    expect(await problemLine(await list('?uploadId=B'))).toBe('409 upload_ended');
  });

  it('because its object is there are 409 already_complete, and the record is told', async () => {
    for (const number of [1, 2]) world.objects.putPart('A', number, PART);
    world.objects.putPart('A', 3, MIB);
    await world.objects.completeNow(upload.subject, 'A');
    expect(await problemLine(await list('?uploadId=A'))).toBe('409 already_complete');
    expect(world.store.all()).toMatchObject([{ state: 'RECEIVED' }]);
    expect(await problemLine(await list('?uploadId=A'))).toBe('409 already_complete');
  });

  it('because it was aborted are 410 upload_aborted', async () => {
    await world.ask('POST', `/v1/uploads/${upload.subject.id}/abort`);
    expect(await problemLine(await list())).toBe('410 upload_aborted');
  });

  it('because its object was rejected are 422 upload_rejected', async () => {
    world.objects.put(upload.subject, { ...upload.head, contentLength: 1 });
    await world.objects.parts.abort(upload.subject, 'A', options());
    expect(await problemLine(await list())).toBe('422 upload_rejected');
  });

  it('because a Complete is under way are a retryable 503', async () => {
    const leased = transition(null, {
      type: 'leaseTaken',
      of: upload.subject,
      at: '2026-11-20T23:59:59.000Z',
      token: 'other',
      until: '2026-11-21T00:00:09.000Z',
      uploadId: 'A',
    }).record;
    if (leased !== null) await world.store.put(leased, options());
    await world.objects.parts.abort(upload.subject, 'A', options());
    expect(await problemLine(await list('?uploadId=A'))).toBe('503 upstream_unavailable');
  });

  it('because its life is over are 410 upload_expired', async () => {
    world.clock.now = Date.parse('2026-11-27T12:00:00.001Z');
    const token = world.tokenWith({ iat: world.clock.now / 1_000 - 1, exp: world.clock.now / 1_000 + 60 });
    expect(await problemLine(await list('', { token }))).toBe('410 upload_expired');
  });
});
