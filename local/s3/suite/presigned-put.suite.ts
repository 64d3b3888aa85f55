import { createHash } from 'node:crypto';
import { describe, expect } from 'vitest';
import { asking, BODY, grant, type SuiteContext } from './context.ts';
import { type PlainRequest, presignPut, send, withHeaders, without, withParameter } from './requests.ts';

const OTHER_SHA256 = createHash('sha256').update('another body').digest('base64');

/** A presigned PUT, and one lie at a time told about it. */
export function presignedPutSuite(context: SuiteContext): void {
  const { claim, target } = context;
  const { put, head, bytesOf, absent } = asking(context);
  describe('a presigned PUT', () => {
    claim('stores exactly what it was granted for', async () => {
      const granted = grant();
      const answer = await send(await presignPut(target(), granted));
      expect(answer.status).toBe(200);
      expect(answer.headers.etag).toBe(`"${createHash('md5').update(BODY).digest('hex')}"`);
      expect(answer.headers['x-amz-version-id']).toBeTruthy();
      expect(await bytesOf(granted.key)).toEqual(BODY);
      expect(await head(granted.key, { ChecksumMode: 'ENABLED' })).toMatchObject({
        ContentLength: BODY.length,
        ContentType: 'image/png',
        Metadata: { nearput: 'eyJ2IjoxfQ' },
        ChecksumSHA256: createHash('sha256').update(BODY).digest('base64'),
        VersionId: answer.headers['x-amz-version-id'],
      });
    });

    claim('works again as long as there is no object, then is 412', async () => {
      const request = await presignPut(target(), grant());
      expect((await send(request)).status).toBe(200);
      expect(await send(request)).toMatchObject({ status: 412, code: 'PreconditionFailed' });
    });

    claim('stores nothing when the object exists by another way', async () => {
      const granted = grant();
      await put(granted.key, 'first');
      expect((await send(await presignPut(target(), granted))).code).toBe('PreconditionFailed');
      expect(await bytesOf(granted.key)).toEqual(Buffer.from('first'));
    });

    const lies: readonly [string, string, (request: PlainRequest) => PlainRequest][] = [
      ['with another method', '403 SignatureDoesNotMatch', (r) => ({ ...r, method: 'DELETE' })],
      ['with another key', '403 SignatureDoesNotMatch', (r) => ({ ...r, url: r.url.replace('?', 'x?') })],
      [
        'with one byte more',
        '403 SignatureDoesNotMatch',
        (r) => ({
          ...withHeaders(r, { 'content-length': String(BODY.length + 1) }),
          body: Buffer.concat([BODY, BODY.subarray(0, 1)]),
        }),
      ],
      [
        'with one byte fewer',
        '403 SignatureDoesNotMatch',
        (r) => ({ ...withHeaders(r, { 'content-length': String(BODY.length - 1) }), body: BODY.subarray(1) }),
      ],
      [
        'with another content type',
        '403 SignatureDoesNotMatch',
        (r) => withHeaders(r, { 'content-type': 'image/gif' }),
      ],
      [
        'with another sha256',
        '403 SignatureDoesNotMatch',
        (r) => withHeaders(r, { 'x-amz-checksum-sha256': OTHER_SHA256 }),
      ],
      ['without its sha256', '403 SignatureDoesNotMatch', (r) => without(r, 'x-amz-checksum-sha256')],
      ['with another body of the same length', '400 BadDigest', (r) => ({ ...r, body: Buffer.from(BODY).reverse() })],
      ['with other metadata', '403 SignatureDoesNotMatch', (r) => withHeaders(r, { 'x-amz-meta-nearput': 'e30' })],
      ['without its metadata', '403 SignatureDoesNotMatch', (r) => without(r, 'x-amz-meta-nearput')],
      ['with an x-amz header more', '403 AccessDenied', (r) => withHeaders(r, { 'x-amz-meta-more': '1' })],
      ['without If-None-Match', '403 SignatureDoesNotMatch', (r) => without(r, 'if-none-match')],
      ['with a longer life', '403 SignatureDoesNotMatch', (r) => withParameter(r, 'X-Amz-Expires', '61')],
      ['with a parameter more', '403 SignatureDoesNotMatch', (r) => withParameter(r, 'x-id', 'GetObject')],
      ['without X-Amz-Date', '400 AuthorizationQueryParametersError', (r) => withParameter(r, 'X-Amz-Date', '')],
      [
        'with its signature changed',
        '403 SignatureDoesNotMatch',
        (r) => withParameter(r, 'X-Amz-Signature', '0'.repeat(64)),
      ],
      [
        'with another access key',
        '403 InvalidAccessKeyId',
        (r) => ({ ...r, url: r.url.replace(/X-Amz-Credential=[^%]+/, 'X-Amz-Credential=AKIANOBODYNOBODYNOBO') }),
      ],
    ];
    for (const [lie, expected, tell] of lies) {
      claim(`is refused ${lie}`, async () => {
        const granted = grant();
        const answer = await send(tell(await presignPut(target(), granted)));
        expect(`${answer.status} ${answer.code}`).toBe(expected);
        await absent(granted.key);
      });
    }

    claim('is refused after it expired', async () => {
      const granted = grant();
      const answer = await send(await presignPut(target(), granted, new Date(Date.now() - 62_000)));
      expect(answer).toMatchObject({ status: 403, code: 'AccessDenied' });
      expect(answer.body.toString()).toContain('Request has expired');
      await absent(granted.key);
    });

    claim('is refused when it was signed for another Region', async () => {
      const granted = grant();
      const answer = await send(await presignPut({ ...target(), region: 'sa-east-1' }, granted));
      expect(answer).toMatchObject({ status: 400, code: 'AuthorizationQueryParametersError' });
      await absent(granted.key);
    });

    claim('is refused with a session token nobody issued', async () => {
      const granted = grant();
      const credentials = { ...target().credentials, sessionToken: 'made-up' };
      const answer = await send(await presignPut({ ...target(), credentials }, granted));
      expect(answer).toMatchObject({ status: 400, code: 'InvalidToken' });
      await absent(granted.key);
    });

    claim('keeps an unsigned Content-Encoding', async () => {
      const granted = grant();
      const answer = await send(withHeaders(await presignPut(target(), granted), { 'content-encoding': 'gzip' }));
      expect(answer.status).toBe(200);
      expect((await head(granted.key)).ContentEncoding).toBe('gzip');
    });
  });
}
