import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DeploymentOptions } from './deployment.ts';
import { openDeployment } from './open-deployment.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nearput-deployment-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const notices: string[] = [];
const open = (options: DeploymentOptions) =>
  openDeployment(options, { env: {}, cwd: folder, notice: (line) => notices.push(line) }, new AbortController().signal);
const region = (name: string) => ({
  name,
  s3: 'http://127.0.0.1:1',
  bucket: 'b',
  registryBucket: 'r',
  queueUrl: 'http://127.0.0.1:2/000000000000/q',
});
const LOCAL = {
  pid: 1,
  edge: 'http://127.0.0.1:8080',
  issuer: 'http://127.0.0.1:8081',
  regions: { use1: region('us-east-1'), euw1: region('eu-west-1') },
  admin: { accessKeyId: 'AKIALOCAL', secretAccessKey: 'secret' },
  operator: { accessKeyId: 'ASIALOCAL', secretAccessKey: 'secret', sessionToken: 'token' },
  addedIssuers: ['mine'],
};
const write = (content: object): void => writeFileSync(join(folder, 'local.json'), JSON.stringify(content));

describe('the deployment', () => {
  it('of the local platform has its Regions in its order, its names and its operator', async () => {
    write(LOCAL);
    const deployment = await open({ data: folder });
    expect(deployment.regions.map(({ code, name, bucket }) => [code, name, bucket])).toEqual([
      ['use1', 'us-east-1', 'nearput-local-registry-000000000000-us-east-1'],
      ['euw1', 'eu-west-1', 'nearput-local-registry-000000000000-eu-west-1'],
    ]);
    expect(await deployment.who()).toBe('arn:aws:sts::000000000000:assumed-role/nearput-local-operator/local');
    expect(deployment.keeps({ issuer: 'https://issuer.nearput.test/local' })).toBe(true);
    expect(deployment.keeps({ issuer: 'https://issuer.nearput.test.example/local' })).toBe(false);
    expect(deployment.keeps({ id: 'mine', issuer: 'https://mine.example/' })).toBe(true);
    expect(deployment.keeps({ id: 'theirs', issuer: 'https://theirs.example/' })).toBe(false);
    expect(notices.at(-1)).toBe('registry of the local platform at http://127.0.0.1:8080');
    deployment.close();
  });

  it.each([
    ['S3', { euw1: { ...region('eu-west-1'), s3: 'http://10.0.0.1:1' } }],
    ['queue', { euw1: { ...region('eu-west-1'), queueUrl: 'http://evil.example/000000000000/q' } }],
  ])('is not trusted with a %s on another machine', async (_, regions) => {
    write({ ...LOCAL, regions });
    await expect(open({ data: folder })).rejects.toThrow('names another machine');
  });

  it('needs a platform that says its Regions', async () => {
    const { regions: _, ...without } = LOCAL;
    write(without);
    await expect(open({ data: folder })).rejects.toThrow('start it anew');
  });

  it.each<[string, DeploymentOptions, string]>([
    ['neither AWS nor a platform', {}, 'no deployment'],
    ['Regions without an environment', { regions: 'euw1' }, '--env names'],
    ['an environment without Regions', { env: 'prod' }, '--regions is needed'],
    ['an unknown Region', { env: 'prod', regions: 'euw1,eu-west-2' }, '"eu-west-2"'],
    ['a Region twice', { env: 'prod', regions: 'euw1,euw1' }, 'twice'],
    ['a short account', { env: 'prod', regions: 'euw1', account: '123' }, 'twelve digits'],
    ['AWS and a platform', { env: 'prod', regions: 'euw1', data: '.' }, 'not both'],
  ])('is refused with %s', async (_, options, message) => {
    await expect(open(options)).rejects.toThrow(message);
  });
});
