import { expect } from 'vitest';
import type { ProblemBody } from '../../core/contract/problems.ts';

/** Reads a problem and checks the shape that all of them share. */
export const readProblem = async (response: Response): Promise<ProblemBody> => {
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  const body = (await response.json()) as ProblemBody;
  expect(body.type).toBe(`urn:nearput:problem:${body.code}`);
  expect(body.status).toBe(response.status);
  expect(body.requestId).toBe(response.headers.get('x-request-id'));
  expect(body.detail).toMatch(/\S/);
  return body;
};

/** `status code`, such as `404 upload_not_found`. */
export const problemLine = async (response: Response): Promise<string> => {
  const { status, code } = await readProblem(response);
  return `${status} ${code}`;
};
