import { beforeEach } from 'vitest';
import type { PartStore } from '../objects/part-store.ts';
import type { RouteDeps } from '../routes/call.ts';
import { type ApiWorld, createApiWorld } from './api-world.ts';
import type { TestUpload, UploadWish } from './subjects.ts';

export const MIB = 1_048_576;
/** Bytes of a part that is not the last. */
export const PART = 5 * MIB;

/** Ends a call after a second. */
export const options = () => ({ signal: AbortSignal.timeout(1_000) });

/** Before each test a new API and an upload of three parts of 5, 5 and 1 MiB, open in S3 as `A`, of which nothing was sent. */
export const createPartsScene = () => {
  let world: ApiWorld = createApiWorld();
  let upload: TestUpload;
  const grant = (wish: UploadWish = {}): TestUpload => {
    upload = world.grant({ kind: 'multipart', partSize: PART, size: 2 * PART + MIB, ...wish });
    return upload;
  };
  grant();
  beforeEach(() => {
    world = createApiWorld();
    world.objects.open(grant(), 'A');
  });
  return {
    /** The API as it is now. */
    get world(): ApiWorld {
      return world;
    },
    /** The upload that was granted last. */
    get upload(): TestUpload {
      return upload;
    },
    grant,
    send: (uploadId = 'A', numbers: readonly number[] = [1, 2, 3], content = 'a'): void => {
      for (const number of numbers) world.objects.putPart(uploadId, number, number === 3 ? MIB : PART, content);
    },
    finalize: (json?: unknown, how: object = {}): Promise<Response> =>
      world.ask('POST', `/v1/uploads/${upload.subject.id}/finalize`, json === undefined ? how : { json, ...how }),
    /** The same data behind an API whose S3 behaves otherwise. */
    rewire: (change: Partial<PartStore> = {}, deps: Partial<RouteDeps> = {}): void => {
      const { objects, store } = world;
      world = createApiWorld({ parts: { ...objects.parts, ...change }, ...deps }, { objects, store });
    },
    stateNow: async (): Promise<string> =>
      (await world.store.get(world.owner, upload.subject.id, options()))?.state ?? 'none',
  };
};
