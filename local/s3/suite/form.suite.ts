import { createHash } from 'node:crypto';
import { GetObjectTaggingCommand } from '@aws-sdk/client-s3';
import { describe, expect } from 'vitest';
import { asking, BODY, newKey, type SuiteContext } from './context.ts';
import { type Condition, encodePolicy, postOf, type SignedForm, signForm, signPolicy } from './form-requests.ts';
import { send } from './requests.ts';

const SHA256 = createHash('sha256').update(BODY).digest('base64');
const OTHER_SHA256 = createHash('sha256').update('another body').digest('base64');

/** A browser's form and its policy, and one lie at a time told about it. */
export function formSuite(context: SuiteContext): void {
  const { claim, client, target } = context;
  const { head, bytesOf, absent } = asking(context);
  const sign = (fields: Readonly<Record<string, string>>, conditions: readonly Condition[], file = BODY) =>
    signForm(target(), { fields, conditions }, file);
  /** A form like those of the gate: exact key, type, size, checksum and metadata. */
  const granted = (more: Readonly<Record<string, string>> = {}): SignedForm & { readonly key: string } => {
    const key = newKey();
    const fields = {
      key,
      'content-type': 'image/png',
      'x-amz-meta-nearput': 'eyJ2IjoxfQ',
      'x-amz-checksum-algorithm': 'SHA256',
      'x-amz-checksum-sha256': SHA256,
      success_action_status: '201',
      ...more,
    };
    const exact = Object.entries(fields).map(([name, value]) => ({ [name]: value }));
    return { key, ...sign(fields, [...exact, ['content-length-range', BODY.length, BODY.length]]) };
  };
  /** A form for any file under a key of its own. */
  const simple = (more: Readonly<Record<string, string>>, conditions: readonly Condition[] = [], file = BODY) => {
    const key = newKey();
    return { key, ...sign({ key, ...more }, [{ key }, ...conditions], file) };
  };
  const withField = (form: SignedForm, name: string, value: string): SignedForm => ({
    ...form,
    fields: { ...form.fields, [name]: value },
  });
  const withoutField = (form: SignedForm, name: string): SignedForm => {
    const { [name]: _, ...fields } = form.fields;
    return { ...form, fields };
  };
  const answerTo = async (form: SignedForm, behind?: Readonly<Record<string, string>>) => {
    const { status, code, headers, body } = await send(postOf(form, behind));
    return { outcome: code === '' ? String(status) : `${status} ${code}`, headers, body };
  };

  describe('a form', () => {
    claim('stores exactly what it was granted for', async () => {
      const form = granted();
      const answer = await answerTo(form);
      expect(answer.outcome).toBe('201');
      expect(answer.headers.etag).toBe(`"${createHash('md5').update(BODY).digest('hex')}"`);
      expect(answer.headers['x-amz-version-id']).toBeTruthy();
      expect(answer.body.toString()).toContain(`<Key>${form.key}</Key>`);
      expect(await bytesOf(form.key)).toEqual(BODY);
      expect(await head(form.key, { ChecksumMode: 'ENABLED' })).toMatchObject({
        ContentLength: BODY.length,
        ContentType: 'image/png',
        Metadata: { nearput: 'eyJ2IjoxfQ' },
        ChecksumSHA256: SHA256,
      });
    });

    claim('answers 204, or 200 when it asks, and 204 to what it cannot ask', async () => {
      expect((await answerTo(simple({}))).outcome).toBe('204');
      for (const [asked, expected] of [
        ['200', '200'],
        ['204', '204'],
        ['418', '204'],
      ] as const) {
        const form = simple({ success_action_status: asked }, [{ success_action_status: asked }]);
        expect((await answerTo(form)).outcome).toBe(expected);
      }
    });

    claim('leads a page on', async () => {
      const page = 'https://app.example/done?a=1';
      const form = simple({ success_action_redirect: page }, [
        ['starts-with', '$success_action_redirect', 'https://app.example/'],
      ]);
      const answer = await answerTo(form);
      expect(answer.outcome).toBe('303');
      const location = new URL(String(answer.headers.location));
      expect(location.origin + location.pathname).toBe('https://app.example/done');
      expect(Object.fromEntries(location.searchParams)).toMatchObject({
        a: '1',
        bucket: target().bucket,
        key: form.key,
      });
    });

    claim('puts the name of the file where a field asks for it', async () => {
      const base = newKey();
      const form = sign({ key: `${base}/$\{filename}` }, [['starts-with', '$key', `${base}/`]]);
      expect((await answerTo(form)).outcome).toBe('204');
      expect(await bytesOf(`${base}/a b.txt`)).toEqual(BODY);
    });

    claim('is met by conditions of every kind', async () => {
      const key = newKey();
      const form = sign({ key, 'Content-Type': 'image/png', 'x-amz-meta-a': 'one two', 'x-ignore-me': 'anything' }, [
        ['eq', '$key', key],
        ['starts-with', '$Content-Type', 'image/'],
        ['starts-with', '$x-amz-meta-a', ''],
        ['content-length-range', '1', 1_000],
      ]);
      expect((await answerTo(form)).outcome).toBe('204');
      expect(await head(key)).toMatchObject({ ContentType: 'image/png', Metadata: { a: 'one two' } });
    });

    claim('with a list of types needs each of them to begin as it should', async () => {
      const conditions: Condition[] = [['starts-with', '$content-type', 'image/']];
      expect((await answerTo(simple({ 'content-type': 'image/png, image/gif' }, conditions))).outcome).toBe('204');
      const form = simple({ 'content-type': 'image/png, text/html' }, conditions);
      expect((await answerTo(form)).outcome).toBe('403 AccessDenied');
      await absent(form.key);
    });

    claim('takes a file of the least and of the most bytes', async () => {
      const range: Condition = ['content-length-range', 3, 5];
      expect((await answerTo(simple({}, [range], Buffer.from('123')))).outcome).toBe('204');
      expect((await answerTo(simple({}, [range], Buffer.from('12345')))).outcome).toBe('204');
    });

    claim('refuses a file of a byte less or a byte more', async () => {
      const range: Condition = ['content-length-range', 3, 5];
      const [small, large] = [simple({}, [range], Buffer.from('12')), simple({}, [range], Buffer.from('123456'))];
      expect((await answerTo(small)).outcome).toBe('400 EntityTooSmall');
      expect((await answerTo(large)).outcome).toBe('400 EntityTooLarge');
      await absent(small.key);
      await absent(large.key);
    });

    claim('keeps every byte of a file that looks like a form', async () => {
      const file = Buffer.from('\r\n--\r\n------form\r\n--------\r\n\r\n');
      const form = simple({}, [], file);
      expect((await answerTo(form)).outcome).toBe('204');
      expect(await bytesOf(form.key)).toEqual(file);
    });

    claim('takes no bytes at all', async () => {
      const form = simple({}, [], Buffer.alloc(0));
      expect((await answerTo(form)).outcome).toBe('204');
      expect(await bytesOf(form.key)).toHaveLength(0);
    });

    claim('ignores what stands behind the file', async () => {
      const form = simple({});
      expect((await answerTo(form, { 'x-amz-meta-late': '1' })).outcome).toBe('204');
      expect(await head(form.key)).toMatchObject({ Metadata: {} });
      expect(await bytesOf(form.key)).toEqual(BODY);
    });

    claim('may carry tags', async () => {
      const tagging = '<Tagging><TagSet><Tag><Key>a</Key><Value>1</Value></Tag></TagSet></Tagging>';
      const form = simple({ tagging }, [{ tagging }]);
      expect((await answerTo(form)).outcome).toBe('204');
      const command = new GetObjectTaggingCommand({ Bucket: target().bucket, Key: form.key });
      expect((await client().send(command)).TagSet).toEqual([{ Key: 'a', Value: '1' }]);
    });

    claim('may be posted again until it expires, each time a version', async () => {
      const form = granted();
      const [one, two] = [await answerTo(form), await answerTo(form)];
      expect([one.outcome, two.outcome]).toEqual(['201', '201']);
      expect(one.headers['x-amz-version-id']).not.toBe(two.headers['x-amz-version-id']);
    });
  });

  describe('a granted form', () => {
    const lies: readonly [string, string, (form: SignedForm) => SignedForm][] = [
      ['with another key', '403 AccessDenied', (f) => withField(f, 'key', 'u/suite/other')],
      ['without its key', '400 InvalidArgument', (f) => withoutField(f, 'key')],
      ['with another type', '403 AccessDenied', (f) => withField(f, 'content-type', 'text/html')],
      ['without its type', '403 AccessDenied', (f) => withoutField(f, 'content-type')],
      ['with other metadata', '403 AccessDenied', (f) => withField(f, 'x-amz-meta-nearput', 'e30')],
      ['without its metadata', '403 AccessDenied', (f) => withoutField(f, 'x-amz-meta-nearput')],
      ['with metadata more', '403 AccessDenied', (f) => withField(f, 'x-amz-meta-more', '1')],
      ['with a field more', '403 AccessDenied', (f) => withField(f, 'submit', 'send')],
      ['with another checksum', '403 AccessDenied', (f) => withField(f, 'x-amz-checksum-sha256', OTHER_SHA256)],
      ['without its checksum', '403 AccessDenied', (f) => withoutField(f, 'x-amz-checksum-sha256')],
      ['with another file of the same length', '400 BadDigest', (f) => ({ ...f, file: Buffer.from(BODY).reverse() })],
      ['with a byte more', '400 EntityTooLarge', (f) => ({ ...f, file: Buffer.concat([BODY, BODY.subarray(0, 1)]) })],
      ['with a byte fewer', '400 EntityTooSmall', (f) => ({ ...f, file: BODY.subarray(1) })],
      ['with another status', '403 AccessDenied', (f) => withField(f, 'success_action_status', '200')],
      [
        'with its policy changed',
        '403 SignatureDoesNotMatch',
        (f) => withField(f, 'policy', encodePolicy({ expiration: '2100-01-01T00:00:00Z', conditions: [] })),
      ],
      ['without its policy', '400 InvalidArgument', (f) => withoutField(f, 'policy')],
      [
        'with its signature changed',
        '403 SignatureDoesNotMatch',
        (f) => withField(f, 'x-amz-signature', '0'.repeat(64)),
      ],
      ['without its signature', '400 InvalidArgument', (f) => withoutField(f, 'x-amz-signature')],
      [
        'with another access key',
        '403 InvalidAccessKeyId',
        (f) =>
          withField(
            f,
            'x-amz-credential',
            String(f.fields['x-amz-credential']).replace(/^[^/]+/, 'AKIANOBODYNOBODYNOBO'),
          ),
      ],
      [
        'with a scope of another Region',
        '400 InvalidArgument',
        (f) =>
          withField(f, 'x-amz-credential', String(f.fields['x-amz-credential']).replace(target().region, 'sa-east-1')),
      ],
      ['with another algorithm', '400 InvalidArgument', (f) => withField(f, 'x-amz-algorithm', 'AWS4-HMAC-SHA512')],
      [
        'with a session token nobody issued',
        '400 InvalidToken',
        (f) => withField(f, 'x-amz-security-token', 'made-up'),
      ],
    ];
    for (const [lie, expected, tell] of lies) {
      claim(`${lie} stores nothing`, async () => {
        const form = granted();
        expect((await answerTo(tell(form))).outcome).toBe(expected);
        await absent(form.key);
      });
    }

    claim('is refused after it expired', async () => {
      const key = newKey();
      const wish = { fields: { key }, conditions: [{ key }], expiresAt: Date.now() - 2_000 };
      const answer = await answerTo(signForm(target(), wish, BODY));
      expect(answer.outcome).toBe('403 AccessDenied');
      expect(answer.body.toString()).toContain('Policy expired');
      await absent(key);
    });
  });

  describe('a policy', () => {
    const future = '2100-01-01T00:00:00.000Z';
    const broken: readonly [string, unknown][] = [
      ['without expiration', { conditions: [] }],
      ['without conditions', { expiration: future }],
      ['with a member more', { expiration: future, conditions: [], version: 1 }],
      ['with a day for its end', { expiration: '2100-01-01', conditions: [] }],
      ['with an unknown condition', { expiration: future, conditions: [['ends-with', '$key', 'x']] }],
      ['with a condition too short', { expiration: future, conditions: [['eq', '$key']] }],
      ['with a simple condition of two', { expiration: future, conditions: [{ key: 'a', bucket: 'b' }] }],
    ];
    for (const [what, document] of broken) {
      claim(`${what} is InvalidPolicyDocument`, async () => {
        const form = simple({});
        const policy = encodePolicy(document);
        const scope = String(form.fields['x-amz-credential']).split('/').slice(1);
        const fields = { ...form.fields, policy, 'x-amz-signature': signPolicy(target(), policy, scope) };
        expect((await answerTo({ ...form, fields })).outcome).toBe('400 InvalidPolicyDocument');
        await absent(form.key);
      });
    }
  });

  describe('a POST to a bucket', () => {
    claim('that is no form is 412', async () => {
      const request = postOf(simple({}));
      const answer = await send({ ...request, headers: { ...request.headers, 'content-type': 'application/json' } });
      expect(`${answer.status} ${answer.code}`).toBe('412 PreconditionFailed');
    });

    claim('whose end is missing is MalformedPOSTRequest', async () => {
      const form = simple({});
      const { headers, body, ...request } = postOf(form);
      const cut = body.subarray(0, body.length - 20);
      const answer = await send({
        ...request,
        body: cut,
        headers: { ...headers, 'content-length': String(cut.length) },
      });
      expect(`${answer.status} ${answer.code}`).toBe('400 MalformedPOSTRequest');
      await absent(form.key);
    });

    claim('without a file is InvalidArgument', async () => {
      const form = simple({});
      const { headers, body, ...request } = postOf(form);
      const text = body.toString('latin1').replace('name="file"; filename="a b.txt"', 'name="x-ignore-file"');
      const lost = Buffer.from(text, 'latin1');
      const answer = await send({
        ...request,
        body: lost,
        headers: { ...headers, 'content-length': String(lost.length) },
      });
      expect(`${answer.status} ${answer.code}`).toBe('400 InvalidArgument');
      await absent(form.key);
    });
  });
}
