import { describe, expect, it } from 'vitest';
import { bytesSource } from './testing/bytes-source.ts';
import { clientOf, someBytes } from './testing/client-of.ts';
import { createFakeCloud } from './testing/fake-cloud.ts';
import { json, problem } from './testing/fake-upload.ts';
import type { TransportAnswer } from './transport.ts';

const BYTES = someBytes(100);
const remembered = { method: 'put', rememberFinished: true } as const;

/** A client that has finished one upload of the bytes, and remembers it. */
const finished = async (how: object = remembered) => {
  let answer: (route: string) => TransportAnswer | undefined = () => undefined;
  const cloud = createFakeCloud({ answer: (route) => answer(route) });
  const { client, state } = clientOf(cloud, { retries: 0 });
  const record = await client.upload(bytesSource(BYTES), how);
  cloud.puts.length = 0;
  cloud.calls.length = 0;
  return {
    cloud,
    client,
    state,
    record,
    script: (next: typeof answer) => {
      answer = next;
    },
  };
};

describe('a finished upload that is remembered', () => {
  it.each(['put', 'form', 'multipart'] as const)('by %s is not sent again: its record is asked for', async (method) => {
    const how = { ...remembered, method };
    const { cloud, client, record } = await finished(how);
    const resumed: string[] = [];
    const progress: unknown[] = [];
    const again = await client.upload(bytesSource(BYTES), {
      ...how,
      onResumed: (id) => resumed.push(id),
      onProgress: (step) => progress.push(step),
    });
    expect(again).toEqual(record);
    expect(cloud.puts).toEqual([]);
    expect(cloud.routes()).toEqual(['finalize']);
    expect(resumed).toEqual(['euw1_1']);
    expect(progress).toEqual([{ sent: 100, size: 100, resumed: 100, attempt: 1 }]);
  });

  it('stays remembered as often as it is asked for', async () => {
    const { cloud, client } = await finished();
    for (let run = 0; run < 3; run++) await client.upload(bytesSource(BYTES), remembered);
    expect(cloud.uploads.size).toBe(1);
  });

  it.each([
    'upload_deleted',
    'upload_not_found',
    'upload_aborted',
    'upload_expired',
    'upload_rejected',
    'bytes_missing',
  ] as const)('that is %s meanwhile is uploaded again, and the new one is remembered', async (code) => {
    const { cloud, client, script } = await finished();
    let asked = 0;
    script((route) => (route === 'finalize' && ++asked === 1 ? problem(code) : undefined));
    const again = await client.upload(bytesSource(BYTES), remembered);
    expect(again).toMatchObject({ id: 'euw1_2', state: 'UPLOADED' });
    expect(cloud.puts.map(({ bytes }) => bytes)).toEqual([BYTES]);
    expect(cloud.routes()).toEqual(['finalize', 'create', 'finalize']);
    expect((await client.upload(bytesSource(BYTES), remembered)).id).toBe('euw1_2');
  });

  it.each(['token_expired', 'permission_missing', 'upstream_unavailable'] as const)(
    'is neither sent again nor forgotten when the gateway answers %s',
    async (code) => {
      const { cloud, client, script } = await finished();
      script(() => problem(code));
      await expect(client.upload(bytesSource(BYTES), remembered)).rejects.toMatchObject({ code });
      script(() => undefined);
      await client.upload(bytesSource(BYTES), remembered);
      expect(cloud.uploads.size).toBe(1);
    },
  );

  it('is not believed when its record has another size', async () => {
    const { client, script } = await finished();
    script(() => json(200, { id: 'euw1_1', state: 'UPLOADED', size: 99, checksums: {} }));
    await expect(client.upload(bytesSource(BYTES), remembered)).rejects.toThrow('size 99');
  });

  it.each<[string, object, string]>([
    ['other content', {}, 'changed'],
    ['other metadata', { metadata: { a: 'b' } }, 'same'],
    ['no wish for it', { rememberFinished: false }, 'same'],
    ['no wish to resume', { resume: false }, 'same'],
  ])('is not taken for an upload with %s', async (_, more, fingerprint) => {
    const { cloud, client } = await finished();
    const again = await client.upload(bytesSource(BYTES, fingerprint), { ...remembered, ...more });
    expect(again.id).toBe('euw1_2');
    expect(cloud.puts).toHaveLength(1);
  });

  it('is forgotten by an upload that is not to be remembered', async () => {
    const { cloud, client } = await finished();
    await client.upload(bytesSource(BYTES), { method: 'put' });
    await client.upload(bytesSource(BYTES), remembered);
    expect(cloud.uploads.size).toBe(3);
  });
});
