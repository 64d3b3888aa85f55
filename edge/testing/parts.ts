import { expect } from 'vitest';
import type { HttpRequest } from '../http.ts';
import { CREATE, GOOD_BODY, jsonOf, type World } from './world.ts';

/** Uploads in parts, for tests of the gate. */

export const MIB = 1_048_576;
export const SIZE = 20 * MIB + 7;
export const BODY = { ...GOOD_BODY, size: SIZE, method: 'multipart' };

type Part = { number: number; size: number; url: string; headers: Record<string, string>; expiresAt: string };
export type Granted = {
  id: string;
  kind: string;
  region: string;
  regionReason: string;
  createdAt: string;
  expiresAt: string;
  multipart: { uploadId: string; partSize: number; partCount: number; parts: Part[] };
};

/** A create that is answered 201. */
export const create = async (world: World, body: object = BODY, headers = {}): Promise<Granted> => {
  const answer = await world.ask({ ...CREATE, body, headers });
  expect(answer.status, answer.body).toBe(201);
  return jsonOf(answer) as unknown as Granted;
};

export const renew = (world: World, id: string, body: object = BODY) =>
  world.ask({ method: 'POST', uri: `/v1/uploads/${id}/renew`, body });

/** What S3 was asked about uploads in parts. */
export const askedOfS3 = (world: World): HttpRequest[] => world.sent.filter(({ url }) => url.includes('uploads='));
/** Status and code of a refusal. */
export const problem = (answer: { status: number; body: string }) => [answer.status, jsonOf(answer)['code']];
