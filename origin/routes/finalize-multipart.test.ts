import { describe, expect, it } from 'vitest';
import { problemLine, readProblem } from '../testing/expect-problem.ts';
import { createPartsScene, MIB, PART } from '../testing/parts-scene.ts';

const scene = createPartsScene();
const { send, finalize, rewire } = scene;

describe('finalize of parts', () => {
  it('completes, proves and records, and needs nothing from anybody', async () => {
    send();
    const response = await finalize();
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      id: scene.upload.subject.id,
      kind: 'multipart',
      state: 'UPLOADED',
      size: 2 * PART + MIB,
      checksums: { crc64nvme: 'AAAAAAAAAAA=' },
      versionId: 'm1',
      name: 'photo.png',
      tenant: 't1',
      subject: 'user',
      createdAt: '2026-11-20T12:00:00.000Z',
    });
    expect(scene.world.objects.calls).toEqual(['uploads', 'parts A 0', 'complete A', 'head latest']);
    expect(scene.world.handedOn).toEqual([]);
  });

  it('answers the same a second and a hundredth time, from the record alone', async () => {
    send();
    const first = await (await finalize()).text();
    scene.world.objects.calls.length = 0;
    scene.world.clock.now += 60_000;
    for (let time = 0; time < 100; time += 1) expect(await (await finalize()).text()).toBe(first);
    expect(scene.world.objects.calls).toEqual([]);
  });

  it('answers twenty calls at once alike, with one Complete and one transition', async () => {
    send();
    const answers = await Promise.all(Array.from({ length: 20 }, async () => (await finalize()).text()));
    expect(new Set(answers).size).toBe(1);
    expect(answers[0]).toContain('"UPLOADED"');
    expect(scene.world.objects.calls.filter((call) => call.startsWith('complete'))).toHaveLength(1);
    expect(scene.world.store.all()).toMatchObject([{ history: [{ state: 'COMPLETING' }, { state: 'UPLOADED' }] }]);
  });

  it('lists ten thousand parts, page by page, and completes them in order', async () => {
    scene.grant({ size: 10_000 * PART, seed: 'ten thousand' });
    scene.world.objects.open(scene.upload, 'T');
    for (let number = 10_000; number > 0; number -= 1) scene.world.objects.putPart('T', number, PART);
    expect((await finalize()).status).toBe(200);
    const pages = scene.world.objects.calls.filter((call) => call.startsWith('parts T'));
    expect(pages).toEqual(Array.from({ length: 10 }, (_, index) => `parts T ${index * 1_000}`));
  });

  it('takes an upload of no bytes in its one part', async () => {
    scene.grant({ size: 0, seed: 'empty' });
    scene.world.objects.open(scene.upload, 'E');
    scene.world.objects.putPart('E', 1, 0);
    expect(await (await finalize()).json()).toMatchObject({ state: 'UPLOADED', size: 0 });
  });

  it('records the composite of the parts where each carries its SHA-256', async () => {
    scene.grant({ checksumMode: 'sha256', seed: 'composite' });
    scene.world.objects.open(scene.upload, 'C');
    send('C');
    const { checksums } = (await (await finalize()).json()) as { checksums: Record<string, string> };
    expect(checksums['sha256']).toMatch(/^[A-Za-z0-9+/]{43}=-3$/);
  });

  it('rejects an object without the kind of checksum that was planned', async () => {
    scene.grant({ checksumMode: 'sha256', seed: 'other mode' });
    scene.world.objects.put(scene.upload.subject, scene.upload.head);
    expect(await problemLine(await finalize())).toBe('422 upload_rejected');
    expect(scene.world.store.all()).toMatchObject([{ state: 'REJECTED', rejected: { code: 'checksum' } }]);
  });
});

describe('parts that are not the plan', () => {
  it('are 409 parts_missing with the numbers; nothing is written and the upload stays open', async () => {
    send('A', [2]);
    const problem = await readProblem(await finalize());
    expect(`${problem.status} ${problem.code}`).toBe('409 parts_missing');
    expect(problem.detail).toMatch(/^Parts 1, 3 /);
    expect(problem.errors).toEqual([
      { path: '/parts/1', message: 'is missing' },
      { path: '/parts/3', message: 'is missing' },
    ]);
    expect(scene.world.store.all()).toEqual([]);
    send('A', [1, 3]);
    expect((await finalize()).status).toBe(200);
  });

  it.each([
    ['too large', 3, MIB + 1],
    ['too small', 2, PART - 1],
    ['beyond the plan', 4, 1],
  ])('%s are 409 part_mismatch with the number; the upload stays open', async (_name, number, size) => {
    send();
    scene.world.objects.putPart('A', number, size);
    const problem = await readProblem(await finalize());
    expect(`${problem.status} ${problem.code}`).toBe('409 part_mismatch');
    expect(problem.detail).toMatch(new RegExp(`^Part ${number} `));
    expect(problem.errors?.map(({ path }) => path)).toEqual([`/parts/${number}`]);
    expect(scene.world.store.all()).toEqual([]);
    expect(scene.world.objects.openUploads(scene.upload.subject)).toEqual(['A']);
  });

  it('beyond a plan of exactly one page are found', async () => {
    scene.grant({ size: 1_000 * PART, seed: 'one page' });
    scene.world.objects.open(scene.upload, 'P');
    for (let number = 1; number <= 1_001; number += 1) scene.world.objects.putPart('P', number, PART);
    const problem = await readProblem(await finalize());
    expect([problem.code, problem.errors?.[0]?.path]).toEqual(['part_mismatch', '/parts/1001']);
  });

  it('are told to twenty calls at once alike', async () => {
    send('A', [1, 2]);
    const lines = await Promise.all(Array.from({ length: 20 }, async () => problemLine(await finalize())));
    expect(new Set(lines)).toEqual(new Set(['409 parts_missing']));
    expect(scene.world.store.all()).toEqual([]);
  });

  it('are named in short: nobody reads ten thousand lines', async () => {
    scene.grant({ size: 10_000 * PART, seed: 'all missing' });
    scene.world.objects.open(scene.upload, 'M');
    const problem = await readProblem(await finalize());
    expect(problem.detail).toMatch(/^Parts 1-10000 /);
    expect(problem.errors).toHaveLength(1_000);
  });

  it('of a part sent again between list and Complete are looked at anew', async () => {
    send();
    const { complete } = scene.world.objects.parts;
    let again = true;
    rewire({
      complete: async (...call) => {
        if (again) scene.world.objects.putPart('A', 2, PART, 'sent again');
        again = false;
        return complete(...call);
      },
    });
    expect((await finalize()).status).toBe(200);
  });
});
