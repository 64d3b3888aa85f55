/**
 * Who learns what of an upload, and who can do anything to it? Every operation × every state × everybody who could ask, at every door, for
 * uploads that belong to one subject and for those of a whole tenant.
 */
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { atMost } from '../support/at-most.ts';
import { openCell } from '../support/cell.ts';
import { type Answer, callGateway, codeOf, mint, patiently } from '../support/gateway.ts';
import { signOwn } from '../support/own-issuer.ts';
import { OPERATIONS, type Operation, OWNERS_VIEW } from '../support/upload-answers.ts';
import { STAGE_NAMES, STAGES, type StagedUpload, type StageName } from '../support/upload-states.ts';

const platform = inject('platform');
const [shared, rival] = [inject('shared'), inject('rival')];
const cell = openCell(platform, 'euw1');
afterAll(() => cell.close());

/** Requests at once: few enough that the platform has instances for all. */
const AT_ONCE = 6;
/** Uploads brought into their states at once: most of that is waiting for events. */
const STAGED_AT_ONCE = 32;

/** Ways in: the gate, the API of the upload's Region, and that of another one, both without the gate. */
const DOORS = {
  gate: platform.edge,
  'the API': platform.regions['euw1']?.api ?? '',
  'the API of another Region': platform.regions['use1']?.api ?? '',
};
type Door = keyof typeof DOORS;

const questions = (Object.keys(DOORS) as Door[]).flatMap((door) =>
  OPERATIONS.filter((operation: Operation) => door === 'gate' || !operation.atEdge).map((operation: Operation) => ({
    door,
    operation,
  })),
);

const send = (door: Door, operation: Operation, id: string, upload: StagedUpload, token: string | null) =>
  patiently(() =>
    callGateway({ edge: DOORS[door] }, operation.method, `/v1/uploads/${id}${operation.suffix}`, {
      token,
      ...(operation.body === undefined ? {} : { body: operation.body(upload) }),
    }),
  );

/** Different in every answer, and nothing of ours. */
const NOT_OURS = ['date', 'x-amz-cf-id', 'x-amzn-requestid', 'x-amz-apigw-id', 'x-amzn-trace-id'];

/**
 * Every byte of an answer that is ours, but for the request id. `server-timing` is on no 401 and 404; on a 421, which is said before it is
 * looked whose the id is, it tells how long the token took.
 */
const bytesOf = ({ status, headers, text }: Answer): object => {
  const requestId = String(headers['x-request-id']);
  const varies = [...NOT_OURS, 'x-request-id', ...(status === 421 ? ['server-timing'] : [])];
  const ours = Object.entries(headers).filter(([name]) => !varies.includes(name));
  return { status, headers: ours, text: text.replaceAll(requestId, 'the request id') };
};

const said = (answer: Answer): string => {
  if (answer.headers['content-type'] === 'application/problem+json') return `${answer.status} ${codeOf(answer)}`;
  const { state } = (answer.json ?? {}) as { state?: string };
  return state === undefined ? String(answer.status) : `${answer.status} ${state}`;
};

/** The same id with another nonce: well-formed, and nobody's. */
const unknownLike = (id: string): string => `${id.slice(0, 30)}${id[30] === 'a' ? 'b' : 'a'}${id.slice(31)}`;

type Caller = readonly [who: string, token: () => Promise<string | null>];
type Mode = {
  readonly owner: () => Promise<string>;
  /** Somebody to whom the uploads belong too. */
  readonly asOwner: () => Promise<string>;
  readonly strangers: readonly Caller[];
};

const nobody: Caller = ['nobody: no token', async () => null];
const MODES: Readonly<Record<string, Mode>> = {
  'one subject': {
    owner: () => mint(platform, { sub: 'matrix' }),
    asOwner: () => mint(platform, { sub: 'matrix', jti: 'another token' }),
    strangers: [
      ['another subject of the tenant', () => mint(platform, { sub: 'matrix-2' })],
      ['the same subject of another tenant', () => mint(platform, { sub: 'matrix', tenant: 't2' })],
      ['the same subject of another issuer', () => mint(platform, { sub: 'matrix' }, 'acme')],
      nobody,
    ],
  },
  'a whole tenant': {
    owner: () => signOwn(shared, { sub: 'matrix' }),
    asOwner: () => signOwn(shared, { sub: 'a colleague' }),
    strangers: [
      ['the same subject of another tenant', () => signOwn(shared, { sub: 'matrix', tenant: 't2' })],
      ['the same subject of another issuer, owned by tenants too', () => signOwn(rival, { sub: 'matrix' })],
      ['the same subject of an issuer owned by subjects', () => mint(platform, { sub: 'matrix' })],
      nobody,
    ],
  },
};

/** Of each mode and state: one upload that stays in it, which strangers ask for, and one for each operation that moves it. */
const uploads = new Map<string, readonly StagedUpload[]>();
const place = (mode: string, name: StageName): string => `${mode}: ${name}`;
beforeAll(async () => {
  const stages = await Promise.all(
    Object.entries(MODES).map(async ([mode, { owner }]) => ({ mode, stage: { platform, cell, token: await owner() } })),
  );
  // Those that take longest come last in the list of states, and so are begun first.
  const wanted = STAGE_NAMES.toReversed().flatMap((name) =>
    stages.flatMap(({ mode, stage }) => [name, ...OWNERS_VIEW[name].moved].map(() => ({ mode, stage, name }))),
  );
  const made = await atMost(STAGED_AT_ONCE, wanted, async ({ mode, stage, name }) => ({
    at: place(mode, name),
    upload: await STAGES[name](stage),
  }));
  for (const { at, upload } of made) uploads.set(at, [...(uploads.get(at) ?? []), upload]);
});

describe.each(Object.entries(MODES))('uploads of %s', (mode, { asOwner, strangers }) => {
  const allOf = (name: StageName): readonly StagedUpload[] => uploads.get(place(mode, name)) ?? [];
  const staged = (name: StageName, index = 0): StagedUpload => {
    const upload = allOf(name)[index];
    if (upload === undefined) throw new Error(`upload ${index} was not brought into ${name}`);
    return upload;
  };

  const askAll = (id: string, upload: StagedUpload, token: string | null): Promise<readonly object[]> =>
    atMost(AT_ONCE, questions, async ({ door, operation }) => bytesOf(await send(door, operation, id, upload, token)));

  it.each(strangers)('answer %s as ids that nobody has do, and stay as they are', async (_who, tokenOf) => {
    const token = await tokenOf();
    const any = staged('CREATED');
    const unknown = await askAll(unknownLike(any.id), any, token);
    for (const [index, { door, operation }] of questions.entries()) {
      const refused = door === 'the API of another Region' ? 421 : 404;
      expect(unknown[index], `${operation.name} at ${door}`).toMatchObject({ status: token === null ? 401 : refused });
    }
    const none = await askAll('nothing', any, token);
    for (const [index, { door }] of questions.entries()) {
      if (door !== 'the API of another Region') expect(none[index]).toEqual(unknown[index]);
    }
    for (const name of STAGE_NAMES) {
      const upload = staged(name);
      const before = await cell.everything(upload.key);
      expect(await askAll(upload.id, upload, token), name).toEqual(unknown);
      expect(await cell.everything(upload.key), name).toEqual(before);
    }
  });

  it('answer strangers so whatever else is wrong with the request', async () => {
    const upload = staged('UPLOADED');
    const wrong = ['?ttl=never', '?inline=1&x=2', '?uploadId=a&uploadId=b'];
    for (const [who, tokenOf] of strangers) {
      const token = await tokenOf();
      for (const { method, suffix } of OPERATIONS) {
        const ask = async (id: string, query: string, body?: unknown): Promise<object> =>
          bytesOf(
            await patiently(() =>
              callGateway(platform, method, `/v1/uploads/${id}${suffix}${query}`, { token, ...(body ? { body } : {}) }),
            ),
          );
        for (const query of wrong) {
          expect(await ask(upload.id, query), `${who}: ${method} ${suffix}${query}`).toEqual(
            await ask('nothing', query),
          );
        }
        if (method === 'POST') {
          const body = { size: -1, uploadId: '' };
          expect(await ask(upload.id, '', body), `${who}: ${suffix}`).toEqual(await ask('nothing', '', body));
        }
      }
    }
  });

  it('appear in no list of anybody else, whatever its state or cursor', async () => {
    const list = (query: string, token: string | null): Promise<Answer> =>
      patiently(() => callGateway(platform, 'GET', `/v1/uploads${query}`, { token }));
    const mine = await list('?limit=1', await asOwner());
    const cursor = encodeURIComponent(String((mine.json as { nextCursor: string }).nextCursor));
    const ids = STAGE_NAMES.flatMap((name) => allOf(name).map(({ id }) => id));
    for (const [who, tokenOf] of strangers) {
      const token = await tokenOf();
      for (const query of ['', `?cursor=${cursor}`, '?state=UPLOADED', '?state=CREATED&limit=100']) {
        const { status, text } = await list(query, token);
        expect(status, who).toBe(token === null ? 401 : 200);
        for (const id of ids) expect(text, who).not.toContain(id);
      }
    }
  });

  it('appear in the list of their owner as they are', async () => {
    const shown = new Map<string, string>();
    const token = await asOwner();
    for (let query: string | null = '?limit=100'; query !== null; ) {
      const page = (await callGateway(platform, 'GET', `/v1/uploads${query}`, { token })).json as {
        items: { id: string; state: string }[];
        nextCursor: string | null;
      };
      for (const { id, state } of page.items) shown.set(id, state);
      query = page.nextCursor && `?limit=100&cursor=${encodeURIComponent(page.nextCursor)}`;
    }
    for (const name of STAGE_NAMES) {
      for (const { id } of allOf(name)) expect(shown.get(id) ?? null, name).toBe(OWNERS_VIEW[name].listed);
    }
  });

  it.each(STAGE_NAMES)('answer their owner by the table: %s', async (name) => {
    const token = await asOwner();
    const { answers, moved } = OWNERS_VIEW[name];
    const heard: Record<string, string> = {};
    for (const operation of OPERATIONS) {
      const upload = staged(name, moved.indexOf(operation.name) + 1);
      heard[operation.name] = said(await send('gate', operation, upload.id, upload, token));
    }
    expect(heard).toEqual(answers);
  });
});
