import { randomBytes } from 'node:crypto';
import {
  GetObjectCommand,
  type GetObjectCommandOutput,
  HeadObjectCommand,
  type HeadObjectCommandOutput,
  PutObjectCommand,
  type PutObjectCommandOutput,
  type S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { expect } from 'vitest';
import { clientOf, type PutGrant, type S3Target } from './requests.ts';

/** What the claims of the suite ask with; `target` and `client` are there once its tests run. */
export interface SuiteContext {
  /** States one thing that S3 does. */
  readonly claim: (title: string, body: () => Promise<void>) => void;
  readonly target: () => S3Target;
  readonly client: () => S3Client;
}

export const BODY = Buffer.from('nearput conformance');

/** A key nobody used. */
export const newKey = (): string => `u/suite/${randomBytes(8).toString('hex')}`;

/** A good grant for a fresh key, with what a test wishes otherwise. */
export const grant = (change: Partial<PutGrant> = {}): PutGrant => ({
  key: newKey(),
  body: BODY,
  type: 'image/png',
  metadata: 'eyJ2IjoxfQ',
  expiresIn: 60,
  ...change,
});

/** Short words for the SDK's calls on the suite's bucket. */
export function asking({ client, target }: SuiteContext) {
  const bucket = (Key: string) => ({ Bucket: target().bucket, Key });
  const put = (key: string, body: Buffer | string = BODY, more: object = {}): Promise<PutObjectCommandOutput> =>
    client().send(new PutObjectCommand({ ...bucket(key), Body: body, ...more }));
  const head = (key: string, more: object = {}): Promise<HeadObjectCommandOutput> =>
    client().send(new HeadObjectCommand({ ...bucket(key), ...more }));
  const get = (key: string, more: object = {}): Promise<GetObjectCommandOutput> =>
    client().send(new GetObjectCommand({ ...bucket(key), ...more }));
  return {
    put,
    head,
    get,
    bytesOf: async (key: string, more: object = {}): Promise<Buffer> =>
      Buffer.from((await (await get(key, more)).Body?.transformToByteArray()) ?? []),
    absent: async (key: string): Promise<void> => expect(await outcome(head(key))).toBe('404 NotFound'),
    /** A client that adds no checksum of its own. */
    plainClient: (): S3Client => clientOf(target(), 'WHEN_REQUIRED'),
  };
}

/** `ok`, or status and error code of what S3 answered. */
export async function outcome(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'ok';
  } catch (error) {
    if (!(error instanceof S3ServiceException)) throw error;
    return `${error.$metadata.httpStatusCode} ${error.name}`;
  }
}
