import { describe, expect, it } from 'vitest';
import { grantDigest } from '../core/contract/grant.ts';
import { formatId } from '../core/contract/ids.ts';
import type { EventInput } from './testing/event.ts';
import { createTestIssuer } from './testing/issuer.ts';
import { CREATE, createWorld, GOOD_BODY, jsonOf } from './testing/world.ts';

type Operation = readonly [name: string, event: (id: string) => EventInput];

const OPERATIONS: readonly Operation[] = [
  ['renew', (id) => ({ method: 'POST', uri: `/v1/uploads/${id}/renew`, body: GOOD_BODY })],
  ['sign parts', (id) => ({ method: 'POST', uri: `/v1/uploads/${id}/parts`, body: { uploadId: 'a', numbers: [1] } })],
  ['list parts', (id) => ({ uri: `/v1/uploads/${id}/parts`, query: 'uploadId=a' })],
  ['finalize', (id) => ({ method: 'POST', uri: `/v1/uploads/${id}/finalize` })],
  ['abort', (id) => ({ method: 'POST', uri: `/v1/uploads/${id}/abort` })],
  ['get', (id) => ({ uri: `/v1/uploads/${id}` })],
  ['content', (id) => ({ uri: `/v1/uploads/${id}/content` })],
  ['delete', (id) => ({ method: 'DELETE', uri: `/v1/uploads/${id}` })],
  ['restore', (id) => ({ method: 'POST', uri: `/v1/uploads/${id}/restore` })],
];

const world = createWorld({ issuers: (now) => [createTestIssuer('acme', now), createTestIssuer('globex', now)] });
const [acme, globex] = world.issuers;
if (acme === undefined || globex === undefined) throw new Error('two issuers are needed');
const created = jsonOf(await world.ask(CREATE)) as unknown as { id: string; put: { url: string } };
const own = created.id;
const ownerKey = new URL(created.put.url).pathname.split('/')[3] ?? '';

const STRANGERS: readonly (readonly [string, string])[] = [
  ['another subject', acme.token({ sub: 'other' })],
  ['the subject in capitals', acme.token({ sub: 'User' })],
  ['another tenant', acme.token({ tenant: 't2' })],
  ['another issuer with the same subject and tenant', globex.token()],
];

const grant = { kind: 'put', checksumMode: 'none', partSize: 0, sha256: null, metadata: {}, ...GOOD_BODY } as const;
const inventedIn = (region: string): string =>
  formatId({ ...grant, region, ownerKey, nonce: Buffer.alloc(16, 9), grantDigest: grantDigest(grant) });
const changed = (id: string, at: number): string =>
  `${id.slice(0, at)}${id[at] === 'a' ? 'b' : 'a'}${id.slice(at + 1)}`;

const NO_IDS: readonly (readonly [string, string])[] = [
  ['no id at all', 'nothing'],
  ['an id in capitals', own.toUpperCase()],
  ['an id with percent-encoding', `%65${own.slice(1)}`],
  ['an id of a Region that is not deployed', inventedIn('euc1')],
  ['an id of a Region named like a member of every object', inventedIn('constructor')],
  ['an id moved to another Region', own.replace('euw1_', 'use1_')],
  ['an id with one character changed in its size', changed(own, 14)],
  ['an id with one character changed in its nonce', changed(own, 30)],
  ['an id with one character changed in its owner check', changed(own, 70)],
];

describe.each(OPERATIONS)('%s', (_, operation) => {
  it('reaches the owner its own upload', async () => {
    const result = await world.handlerAnswer(operation(own), acme.token());
    expect(result.status === null || result.status === 200 || result.status === 400).toBe(true);
  });

  it('answers everybody else, and every other id, with the same bytes', async () => {
    const answers = [
      ...(await Promise.all(STRANGERS.map(([, token]) => world.handlerAnswer(operation(own), token)))),
      ...(await Promise.all(NO_IDS.map(([, id]) => world.handlerAnswer(operation(id), acme.token())))),
    ];
    const [first] = answers;
    expect(first).toMatchObject({ status: 404 });
    expect(jsonOf({ body: first?.body ?? '' })['code']).toBe('upload_not_found');
    for (const [index, answer] of answers.entries()) {
      expect(answer, [...STRANGERS, ...NO_IDS][index]?.[0]).toEqual(first);
    }
  });

  it('tells a caller without a token nothing but that', async () => {
    const answer = await world.handlerAnswer(operation(own), null);
    expect(answer).toEqual(await world.handlerAnswer(operation('nothing'), null));
    expect(answer.status).toBe(401);
  });
});

describe('a Region that the issuer may no longer use', () => {
  const { limits } = acme.entry;
  const narrowed = createWorld({
    issuers: () => [{ ...acme, entry: { ...acme.entry, limits: { ...limits, regions: ['use1'] } } }],
  });

  it.each(OPERATIONS)('%s', async (name, operation) => {
    const answer = await narrowed.handlerAnswer(operation(own), acme.token());
    const goesOn = ['get', 'content', 'delete', 'restore'].includes(name);
    if (goesOn) expect(answer.status).toBeNull();
    else expect([answer.status, jsonOf(answer)['code']]).toEqual([403, 'region_not_allowed']);
  });
});
