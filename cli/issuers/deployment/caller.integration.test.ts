import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { STSClient } from '@aws-sdk/client-sts';
import { afterEach, describe, expect, it } from 'vitest';
import { readCaller } from './caller.ts';

const ARN = 'arn:aws:sts::123456789012:assumed-role/security/anna';
const IDENTITY = `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>
  <Arn>${ARN}</Arn><UserId>AROA:anna</UserId><Account>123456789012</Account>
</GetCallerIdentityResult></GetCallerIdentityResponse>`;
const { signal } = new AbortController();

let server: Server | undefined;
let client: STSClient | undefined;
afterEach(() => {
  client?.destroy();
  server?.close();
});

const answering = async (status: number, body: string): Promise<STSClient> => {
  server = createServer((_, response) => response.writeHead(status, { 'content-type': 'text/xml' }).end(body));
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return stsAt(`http://127.0.0.1:${port}`);
};
const stsAt = (endpoint: string): STSClient => {
  const credentials = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'secret' };
  client = new STSClient({ region: 'eu-west-1', endpoint, credentials, maxAttempts: 1 });
  return client;
};

describe('the caller', () => {
  it('is who STS says', async () => {
    expect(await readCaller(await answering(200, IDENTITY), signal)).toEqual({ who: ARN, account: '123456789012' });
  });

  it.each([
    ['is in trouble', () => answering(503, '<Error/>')],
    ['refuses', () => answering(403, '<Error><Code>AccessDenied</Code></Error>')],
    ['cannot be reached', async () => stsAt('http://127.0.0.1:9')],
  ])('is named by the access key when STS %s', async (_, open) => {
    expect(await readCaller(await open(), signal)).toEqual({
      who: 'access key AKIAEXAMPLE (STS did not answer)',
      account: null,
    });
  });

  it('is nobody without credentials', async () => {
    const credentials = () => Promise.reject(new Error('no credentials anywhere'));
    client = new STSClient({ region: 'eu-west-1', credentials });
    await expect(readCaller(client, signal)).rejects.toThrow('no credentials');
  });
});
