import { describe, expect, inject, it } from 'vitest';
import { PROBLEMS, type ProblemBody, type ProblemCode } from '../../core/contract/problems.ts';
import {
  type Answer,
  ask,
  type CallOptions,
  callGateway,
  codeOf,
  create,
  mint,
  someFile,
  uploadBytes,
} from './gateway.ts';

/** A request with one thing wrong: the code of its refusal, what is wrong, what the refusal must say. */
export type Offence = readonly [code: ProblemCode, change: string, says: RegExp, send: () => Promise<Answer>];

const SUB = 'bad-input';

export const JSON_TYPE = { 'content-type': 'application/json' };

/** A body that asks for an upload and has nothing wrong. */
export const good: Readonly<Record<string, unknown>> = someFile().body;

/** Calls the shared platform with a good token. */
export const withToken = async (
  method: string,
  path: string,
  options: CallOptions = {},
  sub = SUB,
): Promise<Answer> => {
  const platform = inject('platform');
  return callGateway(platform, method, path, { token: await mint(platform, { sub }), ...options });
};

/** A create with one thing wrong, to be sent by any subject. */
export type RefusedCreate = readonly [
  code: ProblemCode,
  change: string,
  says: RegExp,
  send: (sub?: string) => Promise<Answer>,
];

/** Sends a create with something changed. */
export const createWith =
  (options: CallOptions) =>
  (sub?: string): Promise<Answer> =>
    withToken('POST', '/v1/uploads', { body: good, ...options }, sub);

/** Sends a create as these very bytes. */
export const raw =
  (body: string | undefined, headers: Record<string, string>) =>
  async (sub = SUB): Promise<Answer> => {
    const platform = inject('platform');
    return ask(`${platform.edge}/v1/uploads`, {
      method: 'POST',
      headers: { authorization: `Bearer ${await mint(platform, { sub })}`, ...headers },
      ...(body === undefined ? {} : { body }),
    });
  };

type Work = (token: string, id: string, bytes: Buffer) => Promise<Answer>;

/** Does something with an upload without bytes. */
export const fresh = async (work: Work): Promise<Answer> => {
  const platform = inject('platform');
  const token = await mint(platform, { sub: SUB });
  const file = someFile();
  return work(token, (await create(platform, token, file.body)).id, file.bytes);
};

/** Does something with a finished upload. */
export const finished = async (work: Work): Promise<Answer> => {
  const platform = inject('platform');
  const token = await mint(platform, { sub: SUB });
  const file = someFile();
  return work(token, (await uploadBytes(platform, token, file)).created.id, file.bytes);
};

/** Each offence is refused with its code, as a problem that says what to change. */
export const describeOffences = (name: string, offences: readonly Offence[]): void => {
  describe(name, () => {
    it.each(offences)('%s: %s', async (code, _, says, send) => {
      const answer = await send();
      expect(codeOf(answer)).toBe(code);
      const problem = answer.json as ProblemBody;
      expect(answer.status).toBe(PROBLEMS[code].status);
      expect(problem).toMatchObject({
        type: `urn:nearput:problem:${code}`,
        title: PROBLEMS[code].title,
        status: PROBLEMS[code].status,
      });
      expect(problem.detail).toMatch(says);
      expect(problem.requestId).toBe(answer.headers['x-request-id']);
      expect(answer.headers['cache-control']).toBe('no-store');
      if (answer.status === 401) expect(answer.headers['www-authenticate']).toMatch(/^Bearer/);
      if (answer.status === 405) expect(answer.headers['allow']).toBeDefined();
    });
  });
};
