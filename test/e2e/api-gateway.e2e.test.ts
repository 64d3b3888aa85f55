import { expect, inject, it } from 'vitest';
import { mint } from '../support/gateway.ts';

const platform = inject('platform');

it('a body beyond what API Gateway takes is a problem, before any function sees it', async () => {
  const answer = await fetch(`${platform.regions['euw1']?.api}/v1/uploads/any/finalize`, {
    method: 'POST',
    headers: { authorization: `Bearer ${await mint(platform)}`, 'content-type': 'application/json' },
    body: new Uint8Array(10 * 1024 * 1024 + 1),
  });
  expect(answer.status).toBe(413);
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    'content-type': 'application/problem+json',
    'access-control-allow-origin': '*',
    'cache-control': 'no-store',
  });
  expect(await answer.json()).toEqual({
    type: 'urn:nearput:problem:body_too_large',
    title: 'The body is too large',
    status: 413,
    code: 'body_too_large',
    detail: 'The body is larger than the API takes: send a smaller one.',
    requestId: answer.headers.get('x-request-id'),
  });
});
