import { describe, expect, it } from 'vitest';
import { problemLine, readProblem } from '../testing/expect-problem.ts';
import { createPartsScene, PART } from '../testing/parts-scene.ts';

const scene = createPartsScene();
const { send, finalize, stateNow } = scene;

describe("a client's claims of parts", () => {
  it('are compared, with or without quotes around an ETag', async () => {
    send('A', [1, 2, 3]);
    const { parts } = (await (await scene.world.ask('GET', `/v1/uploads/${scene.upload.subject.id}/parts`)).json()) as {
      parts: { number: number; etag: string; size: number }[];
    };
    const claims = parts.map(({ number, etag, size }) => ({
      number,
      size,
      etag: etag.replaceAll('"', '').toUpperCase(),
    }));
    expect((await finalize({ uploadId: 'A', parts: claims })).status).toBe(200);
  });

  it.each([
    ['another ETag', { number: 2, etag: '"0123456789abcdef0123456789abcdef"' }],
    ['another size', { number: 2, size: PART - 1 }],
    ['a number S3 has nothing of', { number: 4 }],
  ])('that say %s are 409 part_mismatch naming the part; the upload stays open', async (_name, claim) => {
    send();
    const problem = await readProblem(await finalize({ parts: [{ number: 1, size: PART }, claim] }));
    expect(`${problem.status} ${problem.code}`).toBe('409 part_mismatch');
    expect(problem.errors?.map(({ path }) => path)).toEqual([`/parts/${claim.number}`]);
    expect(scene.world.store.all()).toEqual([]);
    expect((await finalize()).status).toBe(200);
  });

  it('that name another SHA-256 of a part are 409, where parts carry one', async () => {
    scene.grant({ checksumMode: 'sha256', seed: 'sha claims' });
    scene.world.objects.open(scene.upload, 'S');
    send('S');
    const problem = await readProblem(await finalize({ parts: [{ number: 3, sha256: 'a'.repeat(64) }] }));
    expect([problem.code, problem.errors?.[0]?.path]).toEqual(['part_mismatch', '/parts/3']);
    // SHA-256 of `a`.
    const sha256 = 'ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb';
    expect((await finalize({ parts: [{ number: 3, sha256 }] })).status).toBe(200);
  });

  it('of the whole content are compared by S3 before there is an object; the upload stays open', async () => {
    send();
    const claims = { checksum: { crc64nvme: 'AAAAAAAAAAE=' } };
    expect(await problemLine(await finalize(claims))).toBe('409 content_mismatch');
    expect(scene.world.objects.versions(scene.upload.subject)).toEqual([]);
    expect(await stateNow()).toBe('CREATED');
    expect((await finalize({ checksum: { crc64nvme: 'AAAAAAAAAAA=' } })).status).toBe(200);
    expect(await problemLine(await finalize(claims))).toBe('409 content_mismatch');
  });

  it.each([
    ['/checksum/sha256', 'none', { checksum: { sha256: 'a'.repeat(64) } }],
    ['/parts/0/sha256', 'none', { parts: [{ number: 1, sha256: 'a'.repeat(64) }] }],
    ['/checksum/sha256', 'sha256', { checksum: { sha256: 'a'.repeat(64) } }],
    ['/checksum/crc64nvme', 'sha256', { checksum: { crc64nvme: 'AAAAAAAAAAA=' } }],
  ] as const)('that S3 holds no value for are 400 at %s (parts carry: %s)', async (path, checksumMode, json) => {
    scene.grant({ checksumMode, seed: `no value ${checksumMode}` });
    const problem = await readProblem(await finalize(json));
    expect(`${problem.status} ${problem.code}`).toBe('400 request_invalid');
    expect(problem.errors?.[0]?.path).toBe(path);
  });
});
