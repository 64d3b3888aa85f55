import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import type { UploadRecord } from '../../core/contract/records.ts';
import { nearput } from '../support/command.ts';
import { ask } from '../support/gateway.ts';

const platform = inject('platform');
const headers = { 'content-type': 'application/json' };

/** Makes the next requests for this action at the S3 of euw1 meet a fault. */
const plant = async (action: string, fault: object): Promise<void> => {
  const body = JSON.stringify({ service: 's3', region: 'eu-west-1', action, ...fault });
  const answer = await ask(`${platform.edge}/_local/faults`, { method: 'POST', headers, body });
  if (answer.status !== 200) throw new Error(`the platform answered ${answer.status}: ${answer.text}`);
};
const UNAVAILABLE = { mode: 'fail', status: 503, code: 'ServiceUnavailable', count: 100 };

let folder = '';
const bytes = randomBytes(6 * 1_048_576);
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'nearput-silent-'));
  writeFileSync(join(folder, 'bytes.bin'), bytes);
});
afterEach(() => ask(`${platform.edge}/_local/faults`, { method: 'DELETE', headers }));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (...words: string[]) =>
  nearput([...words, '--json', '--data', platform.data], {
    cwd: folder,
    env: { NEARPUT_STATE: join(folder, 'state') },
  });
const upload = async (method: string): Promise<UploadRecord> => {
  const words = ['upload', 'bytes.bin', '--method', method, '--prefer-region', 'euw1'];
  const { code, stdout, stderr } = await run(...words, ...(method === 'multipart' ? ['--part-size', '5MiB'] : []));
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout) as UploadRecord;
};

describe('an upload by the command where the S3 of the preferred Region gives no answer of its own', () => {
  it.each([
    ['put', 'PutObject'],
    ['form', 'PostObject'],
    ['multipart', 'UploadPart'],
  ])('goes elsewhere before the first byte is stored: %s', async (method, action) => {
    await plant(action, UNAVAILABLE);
    const record = await upload(method);
    expect(record).toMatchObject({ kind: method, state: 'UPLOADED', size: bytes.length });
    expect(record.region).not.toBe('euw1');
    expect(readdirSync(join(folder, 'state'))).toEqual([]);
    expect((await run('get', record.id, '-o', 'copy.bin')).code).toBe(0);
    expect(readFileSync(join(folder, 'copy.bin')).equals(bytes)).toBe(true);
  });

  it('stays where it is when S3 took all bytes and only the answers were lost', async () => {
    await plant('PutObject', { mode: 'drop', count: 2 });
    expect(await upload('put')).toMatchObject({ region: 'euw1', state: 'UPLOADED' });
  });

  it('stays where it is when S3 only asks for less', async () => {
    await plant('PutObject', { mode: 'fail', status: 503, code: 'SlowDown', count: 3 });
    expect(await upload('put')).toMatchObject({ region: 'euw1', state: 'UPLOADED' });
  });
});
