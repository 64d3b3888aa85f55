import { beforeEach, describe, expect, it } from 'vitest';
import type { StoredRecord, StoredState } from '../record/record.ts';
import { type ApiWorld, createApiWorld } from '../testing/api-world.ts';
import { problemLine } from '../testing/expect-problem.ts';
import { RECORDS } from '../testing/records.ts';
import type { TestUpload } from '../testing/subjects.ts';

const SIGNAL = { signal: new AbortController().signal };

let world: ApiWorld;
let upload: TestUpload;

beforeEach(() => {
  world = createApiWorld();
  upload = world.grant();
});

/** A record of the caller's upload in a state, and its object where one belongs to it. */
const store = async (state: StoredState): Promise<void> => {
  const record = { ...RECORDS[state], id: upload.subject.id, ownerKey: world.owner, version: 0 } as StoredRecord;
  await world.store.put(record, SIGNAL);
  if ('pin' in record) world.objects.put(upload.subject, upload.head);
};

const stateNow = async (): Promise<string> =>
  (await world.store.get(world.owner, upload.subject.id, SIGNAL))?.state ?? 'none';

const line = async (response: Response): Promise<string> =>
  response.status < 400 ? String(response.status) : problemLine(response);

const PATHS = {
  finalize: ['POST', '/finalize'],
  abort: ['POST', '/abort'],
  delete: ['DELETE', ''],
  restore: ['POST', '/restore'],
  get: ['GET', ''],
  content: ['GET', '/content'],
} as const;

/** For each state: what a route answers, and the state after it. */
const MATRIX: readonly (readonly [keyof typeof PATHS, StoredState, string, StoredState])[] = [
  ['finalize', 'CREATED', '409 bytes_missing', 'CREATED'],
  ['finalize', 'RECEIVED', '200', 'UPLOADED'],
  ['finalize', 'UPLOADED', '200', 'UPLOADED'],
  ['finalize', 'REJECTED', '422 upload_rejected', 'REJECTED'],
  ['finalize', 'ABORTED', '410 upload_aborted', 'ABORTED'],
  ['finalize', 'DELETED', '410 upload_deleted', 'DELETED'],
  ['finalize', 'PURGED', '410 upload_deleted', 'PURGED'],
  ['abort', 'CREATED', '204', 'ABORTED'],
  ['abort', 'RECEIVED', '409 already_complete', 'RECEIVED'],
  ['abort', 'UPLOADED', '409 already_complete', 'UPLOADED'],
  ['abort', 'REJECTED', '204', 'REJECTED'],
  ['abort', 'ABORTED', '204', 'ABORTED'],
  ['abort', 'DELETED', '204', 'DELETED'],
  ['abort', 'PURGED', '204', 'PURGED'],
  ['delete', 'CREATED', '204', 'ABORTED'],
  ['delete', 'RECEIVED', '204', 'DELETED'],
  ['delete', 'UPLOADED', '204', 'DELETED'],
  ['delete', 'REJECTED', '204', 'REJECTED'],
  ['delete', 'ABORTED', '204', 'ABORTED'],
  ['delete', 'DELETED', '204', 'DELETED'],
  ['delete', 'PURGED', '204', 'PURGED'],
  ['restore', 'CREATED', '200', 'CREATED'],
  ['restore', 'UPLOADED', '200', 'UPLOADED'],
  ['restore', 'REJECTED', '200', 'REJECTED'],
  ['restore', 'ABORTED', '200', 'ABORTED'],
  ['restore', 'DELETED', '200', 'UPLOADED'],
  ['restore', 'PURGED', '410 upload_deleted', 'PURGED'],
  ['get', 'CREATED', '200', 'CREATED'],
  ['get', 'RECEIVED', '200', 'RECEIVED'],
  ['get', 'UPLOADED', '200', 'UPLOADED'],
  ['get', 'REJECTED', '200', 'REJECTED'],
  ['get', 'ABORTED', '200', 'ABORTED'],
  ['get', 'DELETED', '200', 'DELETED'],
  ['get', 'PURGED', '410 upload_deleted', 'PURGED'],
  ['content', 'CREATED', '409 bytes_missing', 'CREATED'],
  ['content', 'RECEIVED', '409 bytes_missing', 'RECEIVED'],
  ['content', 'UPLOADED', '307', 'UPLOADED'],
  ['content', 'REJECTED', '422 upload_rejected', 'REJECTED'],
  ['content', 'ABORTED', '410 upload_aborted', 'ABORTED'],
  ['content', 'DELETED', '410 upload_deleted', 'DELETED'],
  ['content', 'PURGED', '410 upload_deleted', 'PURGED'],
];

const run = (name: keyof typeof PATHS): Promise<Response> => {
  const [method, rest] = PATHS[name];
  return world.ask(method, `/v1/uploads/${upload.subject.id}${rest}`);
};

describe('every route in every state', () => {
  it.each(MATRIX)('%s of %s answers %s and leaves %s, also the second time', async (name, state, answer, after) => {
    await store(state);
    const versions = world.objects.versions(upload.subject);
    expect(await line(await run(name))).toBe(answer);
    expect(await stateNow()).toBe(after);
    const again = name === 'delete' || name === 'abort' ? answer : await line(await run(name));
    expect(await line(await run(name))).toBe(again);
    expect(await stateNow()).toBe(after);
    expect(world.objects.versions(upload.subject)).toEqual(versions);
  });
});

describe('abort', () => {
  it('of an upload nobody heard of ends it', async () => {
    expect((await run('abort')).status).toBe(204);
    expect(await problemLine(await run('finalize'))).toBe('410 upload_aborted');
  });

  it('never harms bytes that came without anybody hearing of them', async () => {
    world.objects.put(upload.subject, upload.head);
    expect(await problemLine(await run('abort'))).toBe('409 already_complete');
    expect(world.objects.versions(upload.subject)).toEqual(['v1']);
    expect((await run('finalize')).status).toBe(200);
  });

  it('of bytes that are not what was granted is 204: they are rejected', async () => {
    world.objects.put(upload.subject, { ...upload.head, contentLength: 5 });
    expect((await run('abort')).status).toBe(204);
    expect(await stateNow()).toBe('REJECTED');
  });

  it('that races finalize ends in one of the two', async () => {
    world.objects.put(upload.subject, upload.head);
    const [aborted, finalized] = await Promise.all([run('abort'), run('finalize')]);
    expect(await line(aborted)).toBe('409 already_complete');
    expect(await line(finalized)).toBe('200');
    expect(await stateNow()).toBe('UPLOADED');
  });
});

describe('an expired upload', () => {
  const expire = () => {
    world.clock.now = Date.parse('2026-11-28T00:00:00.000Z');
    const token = world.tokenWith({ iat: world.clock.now / 1_000 - 1, exp: world.clock.now / 1_000 + 60 });
    return (name: keyof typeof PATHS) => {
      const [method, rest] = PATHS[name];
      return world.ask(method, `/v1/uploads/${upload.subject.id}${rest}`, { token });
    };
  };

  it.each([
    ['abort', '204'],
    ['delete', '204'],
    ['finalize', '410 upload_expired'],
    ['content', '410 upload_expired'],
    ['get', '200'],
  ] as const)('answers %s with %s and stays as it is', async (name, answer) => {
    await store('CREATED');
    const runLater = expire();
    expect(await line(await runLater(name))).toBe(answer);
    expect(await line(await runLater(name))).toBe(answer);
    expect(await stateNow()).toBe('CREATED');
  });

  it.each(['abort', 'delete'] as const)('whose bytes came too late loses them by %s', async (name) => {
    await store('CREATED');
    const runLater = expire();
    world.objects.put(upload.subject, { ...upload.head, lastModifiedMs: world.clock.now });
    expect((await runLater(name)).status).toBe(204);
    expect(world.objects.versions(upload.subject)).toEqual([]);
  });
});

describe('delete', () => {
  it('of bytes that came without anybody hearing of them is a soft delete', async () => {
    world.objects.put(upload.subject, upload.head);
    expect((await run('delete')).status).toBe(204);
    expect(await stateNow()).toBe('DELETED');
    expect(world.objects.versions(upload.subject)).toEqual(['v1']);
  });

  it('can be undone within seven days and not a moment later', async () => {
    world.objects.put(upload.subject, upload.head);
    await run('finalize');
    await run('delete');
    world.clock.now += 7 * 86_400_000;
    const token = world.tokenWith({ iat: world.clock.now / 1_000 - 1, exp: world.clock.now / 1_000 + 60 });
    const restore = () => world.ask('POST', `/v1/uploads/${upload.subject.id}/restore`, { token });
    world.clock.now += 1;
    expect(await problemLine(await restore())).toBe('410 upload_deleted');
    world.clock.now -= 1;
    expect(await (await restore()).json()).toMatchObject({ state: 'UPLOADED', deletedAt: null });
  });
});
