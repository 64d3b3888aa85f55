import { describe, expect, it } from 'vitest';
import { bytesSource } from './testing/bytes-source.ts';
import { clientOf, someBytes } from './testing/client-of.ts';
import { createFakeCloud, type FakeCloud, type FakeCloudOptions } from './testing/fake-cloud.ts';
import { listParts, problem, s3Error } from './testing/fake-upload.ts';

const BYTES = someBytes(100);
const parts = { method: 'multipart', concurrency: 1 } as const;
const crash = s3Error(403, 'AccessDenied', 'the process ended here');

/** An upload that ended at part 6 of 10, as a killed process leaves it. */
const halfDone = async (options: FakeCloudOptions = {}, how: object = parts) => {
  const cloud = createFakeCloud(options);
  const { client, state } = clientOf(cloud);
  cloud.setFault(({ number }) => (number === 6 ? crash : undefined));
  await client.upload(bytesSource(BYTES), how).catch(() => undefined);
  cloud.setFault(undefined);
  cloud.puts.length = 0;
  cloud.calls.length = 0;
  return { cloud, client, state };
};
const sent = (cloud: FakeCloud) => cloud.puts.map(({ number }) => number);

describe('an upload that was cut off', () => {
  it('goes on with the parts that S3 has not, under the same id', async () => {
    const { cloud, client } = await halfDone();
    const resumed: string[] = [];
    const first: unknown[] = [];
    const record = await client.upload(bytesSource(BYTES), {
      ...parts,
      onResumed: (id) => resumed.push(id),
      onProgress: (progress) => first.push(progress),
    });
    expect(record.id).toBe('euw1_1');
    expect(resumed).toEqual(['euw1_1']);
    expect(sent(cloud)).toEqual([6, 7, 8, 9, 10]);
    expect(cloud.routes()).toEqual(['list', 'parts', 'finalize']);
    expect(cloud.uploads.get('euw1_1')?.object).toEqual(BYTES);
    expect(first[0]).toEqual({ sent: 50, size: 100, resumed: 50, attempt: 1 });
  });

  it('goes on with hashed parts too', async () => {
    const how = { ...parts, partChecksum: 'sha256' } as const;
    const { cloud, client } = await halfDone({}, how);
    await client.upload(bytesSource(BYTES), how);
    expect(sent(cloud)).toEqual([6, 7, 8, 9, 10]);
    expect(cloud.uploads.get('euw1_1')?.object).toEqual(BYTES);
  });

  it('reads, but does not send, a part that was stored and not remembered', async () => {
    const { cloud, client } = await halfDone();
    cloud.uploads.get('euw1_1')?.parts.set(6, BYTES.subarray(50, 60));
    await client.upload(bytesSource(BYTES), parts);
    expect(sent(cloud)).toEqual([7, 8, 9, 10]);
    expect(cloud.uploads.get('euw1_1')?.object).toEqual(BYTES);
  });

  it('sends a remembered part that S3 no longer has, and one of another size', async () => {
    const { cloud, client } = await halfDone();
    cloud.uploads.get('euw1_1')?.parts.delete(2);
    cloud.uploads.get('euw1_1')?.parts.set(3, Buffer.from('short'));
    await client.upload(bytesSource(BYTES), parts);
    expect(sent(cloud)).toEqual([2, 3, 6, 7, 8, 9, 10]);
    expect(cloud.uploads.get('euw1_1')?.object).toEqual(BYTES);
  });

  it('sends a part again that the gateway calls wrong, whatever its size', async () => {
    const { cloud, client } = await halfDone({
      answer: (route) => {
        const upload = route === 'list' ? cloud.uploads.get('euw1_1') : undefined;
        if (upload === undefined) return undefined;
        const list = listParts(upload);
        return { ...list, body: JSON.stringify({ ...JSON.parse(list.body), wrong: [2] }) };
      },
    });
    await client.upload(bytesSource(BYTES), parts);
    expect(sent(cloud)).toEqual([2, 6, 7, 8, 9, 10]);
  });

  it('believes no part of another size, whatever the gateway calls it', async () => {
    const { cloud, client } = await halfDone({
      answer: (route) => {
        const upload = route === 'list' ? cloud.uploads.get('euw1_1') : undefined;
        if (upload === undefined) return undefined;
        upload.parts.set(3, Buffer.from('short'));
        const list = listParts(upload);
        return { ...list, body: JSON.stringify({ ...JSON.parse(list.body), wrong: [] }) };
      },
    });
    await client.upload(bytesSource(BYTES), parts);
    expect(sent(cloud)).toEqual([3, 6, 7, 8, 9, 10]);
  });

  it('is recognised as complete when the crash came after finalize', async () => {
    const { cloud, client } = await halfDone();
    const upload = cloud.uploads.get('euw1_1');
    for (let number = 6; number <= 10; number++)
      upload?.parts.set(number, BYTES.subarray((number - 1) * 10, number * 10));
    await client.finalize('euw1_1');
    cloud.calls.length = 0;
    await expect(client.upload(bytesSource(BYTES), parts)).resolves.toMatchObject({ id: 'euw1_1', state: 'UPLOADED' });
    expect(cloud.puts).toEqual([]);
    expect(cloud.routes()).toEqual(['list', 'finalize']);
  });

  it('is refused when it was completed with other bytes, and then forgotten', async () => {
    const { cloud, client } = await halfDone();
    const upload = cloud.uploads.get('euw1_1');
    for (let number = 6; number <= 10; number++) upload?.parts.set(number, Buffer.alloc(10));
    await client.finalize('euw1_1');
    await expect(client.upload(bytesSource(BYTES), parts)).rejects.toThrow('crc64nvme');
    await expect(client.upload(bytesSource(BYTES), parts)).resolves.toMatchObject({ id: 'euw1_2' });
  });

  it.each(['upload_not_found', 'upload_aborted', 'upload_expired', 'upload_deleted', 'upload_rejected'] as const)(
    'begins anew after %s',
    async (code) => {
      const { cloud, client } = await halfDone({
        answer: (route) => (route === 'list' ? problem(code) : undefined),
      });
      await expect(client.upload(bytesSource(BYTES), parts)).resolves.toMatchObject({ id: 'euw1_2' });
      expect(cloud.puts).toHaveLength(10);
    },
  );

  it('begins anew when S3 has it no longer open and finalize has no object', async () => {
    const { cloud, client } = await halfDone({
      answer: (route) =>
        route === 'list' && cloud.uploads.size === 1
          ? problem('upload_ended')
          : route === 'finalize' && cloud.uploads.size === 1
            ? problem('bytes_missing')
            : undefined,
    });
    await expect(client.upload(bytesSource(BYTES), parts)).resolves.toMatchObject({ id: 'euw1_2' });
  });

  it.each(['token_expired', 'permission_missing', 'upstream_unavailable'] as const)(
    'keeps its state when the gateway answers %s',
    async (code) => {
      let refuse = true;
      const { cloud, client } = await halfDone({
        answer: (route) => (route === 'list' && refuse ? problem(code) : undefined),
      });
      await expect(client.upload(bytesSource(BYTES), parts)).rejects.toMatchObject({ code });
      refuse = false;
      await client.upload(bytesSource(BYTES), parts);
      expect(sent(cloud)).toEqual([6, 7, 8, 9, 10]);
    },
  );

  it.each<[string, object, string]>([
    ['another content', {}, 'other'],
    ['another part size', { partSize: 20 }, 'same'],
    ['another type of check', { partChecksum: 'sha256' }, 'same'],
    ['other metadata', { metadata: { a: 'b' } }, 'same'],
    ['resume false', { resume: false }, 'same'],
  ])('is not taken up by an upload with %s', async (_, how, fingerprint) => {
    const { client } = await halfDone();
    const record = await client.upload(bytesSource(BYTES, fingerprint), { ...parts, ...how });
    expect(record.id).toBe('euw1_2');
  });

  it('is forgotten once it is done', async () => {
    const { client } = await halfDone();
    await client.upload(bytesSource(BYTES), parts);
    await expect(client.upload(bytesSource(BYTES), parts)).resolves.toMatchObject({ id: 'euw1_2' });
  });

  it('remembers nothing of a source without a fingerprint', async () => {
    const { fingerprint: _, ...source } = bytesSource(BYTES);
    const cloud = createFakeCloud();
    const begun: string[] = [];
    const { client } = clientOf(cloud, {
      state: {
        load: async () => undefined,
        begin: async (key) => {
          begun.push(key);
        },
        addPart: async () => undefined,
        finish: async (key) => {
          begun.push(key);
        },
        loadFinished: async () => undefined,
        remove: async () => undefined,
      },
    });
    await client.upload(source, { ...parts, rememberFinished: true });
    expect(begun).toEqual([]);
  });
});
