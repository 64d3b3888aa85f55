import { describe, expect, it } from 'vitest';
import type { EventInput } from './testing/event.ts';
import { CREATE, createWorld, GOOD_BODY, jsonOf, type World } from './testing/world.ts';

describe('the body of renew and of signing parts', () => {
  const idOf = async (world: World, body: object = GOOD_BODY) =>
    jsonOf(await world.ask({ ...CREATE, body }))['id'] as string;
  const good = async (world: World, name: string): Promise<EventInput> =>
    name === 'renew'
      ? { method: 'POST', uri: `/v1/uploads/${await idOf(world)}/renew`, body: GOOD_BODY }
      : {
          method: 'POST',
          uri: `/v1/uploads/${await idOf(world, { ...GOOD_BODY, method: 'multipart' })}/parts`,
          body: { uploadId: 'u', numbers: [1] },
        };
  const CHANGES: readonly (readonly [what: string, line: string, change: EventInput])[] = [
    ['nothing changed', '200', {}],
    ['another content-type', '415 media_type', { headers: { 'content-type': 'text/plain' } }],
    ['a content-encoding', '415 media_type', { headers: { 'content-encoding': 'gzip' } }],
    ['one byte too many', '413 body_too_large', { body: Buffer.alloc(65_537, ' ') }],
    [
      'one byte too many without saying so',
      '413 body_too_large',
      { body: Buffer.alloc(65_537, ' '), headers: { 'content-length': undefined } },
    ],
    ['half a body', '400 body_not_json', { body: Buffer.from('{') }],
    ['a query parameter', '400 request_invalid', { query: 'dryRun=1' }],
    ['no permission', '403 permission_missing', { headers: { authorization: 'uploads:read' } }],
  ];

  it.each(['renew', 'parts'].flatMap((name) => CHANGES.map((change) => [name, ...change] as const)))(
    '%s with %s is %s',
    async (name, _, line, change) => {
      const world = createWorld();
      const request = await good(world, name);
      const scope = change.headers?.['authorization'];
      const headers =
        scope === undefined ? change.headers : { authorization: `Bearer ${world.first.token({ scope })}` };
      const answer = await world.ask({ ...request, ...change, ...(headers === undefined ? {} : { headers }) });
      expect(answer.status === 200 ? '200' : `${answer.status} ${jsonOf(answer)['code']}`).toBe(line);
    },
  );

  it('renew with metadata that no grant could hold is told so', async () => {
    const world = createWorld();
    const request = await good(world, 'renew');
    const answer = await world.ask({ ...request, body: { ...GOOD_BODY, metadata: { a: 'x'.repeat(1_200) } } });
    expect([answer.status, jsonOf(answer)['code']]).toEqual([400, 'metadata_too_large']);
  });
});
