import type { TestUpload, UploadWish } from '../../origin/testing/subjects.ts';
import type { Random } from '../support/random.ts';
import { placeZeros, type Sent, sendPart, startParts } from './sender.fixture.ts';
import type { World } from './world.fixture.ts';

/** Bytes of a part that is not the last; S3 takes no smaller ones. */
const PART = 5_242_880;

/** An upload in parts of which all but the last are there; the last one travels. */
export type Begun = {
  readonly upload: TestUpload;
  readonly uploadId: string;
  /** Number of the last part, and its bytes. */
  readonly last: number;
  readonly tail: Buffer;
  readonly content: Buffer;
  send(body?: Buffer): Promise<Sent>;
};

/** Starts an upload of one or two parts, the last one of a few random bytes. */
export const beginParts = async (world: World, random: Random, seed: number, wish: UploadWish = {}): Promise<Begun> => {
  const before = random.below(2);
  const tail = random.bytes(1 + random.below(3_000));
  const checksumMode = wish.checksumMode ?? random.pick(['none', 'sha256'] as const);
  const size = before * PART + tail.length;
  const unique = `${seed} ${random.below(1e9)}`;
  const upload = world.grant({ kind: 'multipart', partSize: PART, size, checksumMode, seed: unique, ...wish });
  const uploadId = await startParts(world, upload);
  await placeZeros(world, upload, uploadId);
  const last = before + 1;
  return {
    upload,
    uploadId,
    last,
    tail,
    content: Buffer.concat([Buffer.alloc(before * PART), tail]),
    send: (body = tail) => sendPart(world, upload, { uploadId, number: last, body }),
  };
};
