import { describe, expect, it } from 'vitest';
import { CancelledError } from './errors.ts';
import { bytesSource } from './testing/bytes-source.ts';
import { clientOf, someBytes } from './testing/client-of.ts';
import { createFakeCloud } from './testing/fake-cloud.ts';
import { problem } from './testing/fake-upload.ts';

const BYTES = someBytes(100);
const how = { method: 'multipart', concurrency: 2 } as const;
const later = (milliseconds = 5) => new Promise<undefined>((resolve) => setTimeout(resolve, milliseconds, undefined));

describe('a handle', () => {
  it.each(['multipart', 'put'] as const)(
    'pauses a %s: nothing runs until it is resumed, and no repetition is spent',
    async (method) => {
      const cloud = createFakeCloud({ fault: () => later() });
      const { client } = clientOf(cloud, { retries: 0 });
      const handle = client.startUpload(bytesSource(BYTES), { ...how, method });
      for (let pause = 0; pause < 3; pause++) {
        while (cloud.puts.length <= pause) await later(1);
        handle.pause();
        handle.pause();
        await later(20);
        const quiet = cloud.puts.length;
        await later(20);
        expect(cloud.puts).toHaveLength(quiet);
        handle.resume();
      }
      await expect(handle.result).resolves.toMatchObject({ state: 'UPLOADED' });
      expect(cloud.uploads.get('euw1_1')?.object).toEqual(BYTES);
    },
  );

  it('paused and resumed at once loses nothing', async () => {
    const cloud = createFakeCloud({ fault: () => later() });
    const handle = clientOf(cloud, { retries: 0 }).client.startUpload(bytesSource(BYTES), how);
    while (cloud.puts.length < 3) await later(1);
    handle.pause();
    handle.resume();
    await expect(handle.result).resolves.toMatchObject({ state: 'UPLOADED' });
  });

  it('cancels: the upload is aborted at the gateway and forgotten here', async () => {
    const cloud = createFakeCloud({ fault: () => later() });
    const { client } = clientOf(cloud);
    const handle = client.startUpload(bytesSource(BYTES), how);
    while (cloud.puts.length < 3) await later(1);
    await handle.cancel();
    await expect(handle.result).rejects.toBeInstanceOf(CancelledError);
    expect(cloud.uploads.get('euw1_1')?.state).toBe('ABORTED');
    await expect(client.upload(bytesSource(BYTES), how)).resolves.toMatchObject({ id: 'euw1_2' });
  });

  it('cancels while it is paused', async () => {
    const cloud = createFakeCloud({ fault: () => later() });
    const handle = clientOf(cloud).client.startUpload(bytesSource(BYTES), how);
    while (cloud.puts.length < 1) await later(1);
    handle.pause();
    await handle.cancel();
    await expect(handle.result).rejects.toBeInstanceOf(CancelledError);
  });

  it('cancel leaves a finished upload alone', async () => {
    const cloud = createFakeCloud();
    const handle = clientOf(cloud).client.startUpload(bytesSource(BYTES), how);
    await handle.result;
    await handle.cancel();
    expect(cloud.routes()).not.toContain('abort');
  });

  it('cancel takes an upload that became complete meanwhile for ended', async () => {
    const cloud = createFakeCloud({
      fault: () => later(),
      answer: (route) => (route === 'abort' ? problem('already_complete') : undefined),
    });
    const handle = clientOf(cloud).client.startUpload(bytesSource(BYTES), how);
    while (cloud.puts.length < 3) await later(1);
    await expect(handle.cancel()).resolves.toBeUndefined();
  });

  it('a signal stops it where it is, and the next upload goes on', async () => {
    const cloud = createFakeCloud({ fault: () => later() });
    const { client } = clientOf(cloud);
    const stop = new AbortController();
    const first = client.upload(bytesSource(BYTES), { ...how, signal: stop.signal });
    while (cloud.puts.length < 5) await later(1);
    stop.abort(new Error('enough'));
    await expect(first).rejects.toThrow('enough');
    const stored = new Set(cloud.uploads.get('euw1_1')?.parts.keys());
    expect(stored.size).toBeGreaterThan(0);
    cloud.puts.length = 0;
    await expect(client.upload(bytesSource(BYTES), how)).resolves.toMatchObject({ id: 'euw1_1' });
    for (const { number } of cloud.puts) expect(stored.has(number)).toBe(false);
  });
});
