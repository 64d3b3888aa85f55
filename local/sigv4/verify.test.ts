import { describe, expect, test } from 'vitest';
import type { SignedRequest } from './request.ts';
import { authorization, context, EMPTY_SHA256, getObject, presignedGet, verdict } from './testing/examples.ts';
import { verifySignature } from './verify.ts';

describe('AWS published examples', () => {
  test('GET Object is accepted', () => {
    expect(verifySignature(getObject(), context())).toMatchObject({
      ok: true,
      via: 'header',
      payloadHash: EMPTY_SHA256,
      signedHeaders: new Set(['host', 'range', 'x-amz-content-sha256', 'x-amz-date']),
    });
  });

  test('PUT Object with a dollar sign in its key is accepted', () => {
    const request: SignedRequest = {
      method: 'PUT',
      rawPath: '/test$file.text',
      rawQuery: '',
      headers: [
        ['Host', 'examplebucket.s3.amazonaws.com'],
        ['Date', 'Fri, 24 May 2013 00:00:00 GMT'],
        [
          'Authorization',
          authorization(
            'date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class',
            '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
          ),
        ],
        ['x-amz-date', '20130524T000000Z'],
        ['x-amz-storage-class', 'REDUCED_REDUNDANCY'],
        ['x-amz-content-sha256', '44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072'],
      ],
    };
    expect(verdict(request)).toBe('ok');
    expect(verdict({ ...request, rawPath: '/test%24file.text' })).toBe('ok');
    expect(verdict({ ...request, rawPath: '/test%2524file.text' })).toBe('SignatureDoesNotMatch 403');
  });

  test.each([
    ['lifecycle', 'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543'],
    ['max-keys=2&prefix=J', '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7'],
    ['prefix=J&max-keys=2', '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7'],
  ])('GET bucket ?%s is accepted', (rawQuery, signature) => {
    const request = getObject({
      Range: undefined,
      Authorization: authorization('host;x-amz-content-sha256;x-amz-date', signature),
    });
    expect(verdict({ ...request, rawPath: '/', rawQuery })).toBe('ok');
  });

  test('the presigned GET is accepted', () => {
    expect(verifySignature(presignedGet(), context())).toMatchObject({
      ok: true,
      via: 'query',
      payloadHash: 'UNSIGNED-PAYLOAD',
    });
  });
});
