import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HOME, type Stage, sha256, startStage } from './test-stage.ts';

type Header = { key: string; value: string };
type Seen = {
  config: Record<string, string>;
  request: {
    headers: Record<string, Header[]>;
    body: { inputTruncated: boolean; action: string; encoding: string; data: string };
    origin: { custom: Record<string, unknown> };
    [name: string]: unknown;
  };
};

let stage: Stage;
beforeAll(async () => {
  stage = await startStage();
});
afterAll(() => stage.close());

/** What the function is given for a request. */
const seen = async (wish: Parameters<Stage['ask']>[0] = {}): Promise<Seen> => {
  const reply = await stage.ask({
    ...wish,
    code: `return { status: '200', body: JSON.stringify(event.Records[0].cf) };`,
  });
  if (reply.status !== 200) throw new Error(`${reply.status} ${reply.headers['x-local-refusal'] ?? reply.text}`);
  return JSON.parse(reply.text) as Seen;
};

describe('an origin-request event', () => {
  test('has the members of the AWS event, with path and query raw', async () => {
    const { config, request } = await seen({ path: '/v1/a%2Fb/../c%20?x=%41&y' });
    expect(config).toEqual({
      distributionDomainName: 'd111111abcdef8.cloudfront.net',
      distributionId: 'EDFDVBD6EXAMPLE',
      eventType: 'origin-request',
      requestId: expect.stringMatching(/^[\w-]{54}==$/),
    });
    const { headers: _, ...rest } = request;
    expect(rest).toEqual({
      clientIp: '127.0.0.1',
      method: 'GET',
      uri: '/v1/a%2Fb/../c%20',
      querystring: 'x=%41&y',
      body: { inputTruncated: false, action: 'read-only', encoding: 'base64', data: '' },
      origin: {
        custom: {
          customHeaders: {
            'x-config-1': [{ key: 'X-Config-1', value: 'one' }],
            'x-config-2': [{ key: 'x-config-2', value: 'two' }],
          },
          domainName: HOME,
          keepaliveTimeout: 5,
          path: '/live',
          port: 443,
          protocol: 'https',
          readTimeout: 30,
          responseCompletionTimeout: 0,
          sslProtocols: ['TLSv1.2'],
        },
      },
    });
  });

  test('carries headers under lower-case names, each occurrence with its own spelling', async () => {
    const { request } = await seen({ headers: { Authorization: 'Bearer x', 'X-Many': ['1', '2'] } });
    expect(request.headers['authorization']).toEqual([{ key: 'Authorization', value: 'Bearer x' }]);
    expect(request.headers['x-many']).toEqual([
      { key: 'X-Many', value: '1' },
      { key: 'X-Many', value: '2' },
    ]);
  });

  test("shows the origin as Host, never the viewer's", async () => {
    const { request } = await seen();
    expect(request.headers['host']).toEqual([{ key: 'Host', value: HOME }]);
  });

  test.each([
    'Connection',
    'Expect',
    'Keep-Alive',
    'Proxy-Authenticate',
    'Proxy-Authorization',
    'Proxy-Connection',
    'Trailer',
    'Upgrade',
    'X-Accel-Redirect',
    'X-Amz-Cf-Id',
    'X-Amzn-Auth',
    'X-Amzn-Cf-Id',
    'X-Amzn-ErrorType',
    'X-Amzn-RequestId',
    'X-Cache',
    'X-Edge-Location',
    'X-Forwarded-Proto',
    'X-Real-IP',
    'X-Sim-Viewer',
    'X-Config-1',
    'CloudFront-Is-Anything',
  ])('never shows %s from a viewer, and never sends it on', async (name) => {
    const value = { Connection: 'close', Expect: '100-continue', 'X-Sim-Viewer': 'dublin' }[name] ?? 'forged';
    const wish = { method: 'POST', body: 'x', headers: { [name]: value, 'transfer-encoding': 'chunked' } };
    const { request } = await seen(wish);
    expect(request.headers[name.toLowerCase()]).toBeUndefined();
    const { headers } = await stage.echo(wish);
    expect(headers[name.toLowerCase()] ?? '').not.toContain('forged');
  });

  test('appends the viewer to X-Forwarded-For and itself to Via', async () => {
    const { request } = await seen({ headers: { 'x-forwarded-for': '192.0.2.1', via: '1.0 old' } });
    expect(request.headers['x-forwarded-for']).toEqual([{ key: 'X-Forwarded-For', value: '192.0.2.1, 127.0.0.1' }]);
    expect(request.headers['via']?.[0]?.value).toMatch(/^1\.0 old, 1\.1 .*\(CloudFront\)$/);
  });
});

describe('the simulated viewer', () => {
  const location = (headers: Record<string, Header[]>) =>
    Object.fromEntries(
      Object.entries(headers)
        .filter(([name]) => /^cloudfront-viewer-(?!http|tls|address|asn)/.test(name))
        .map(([name, entries]) => [name.slice('cloudfront-viewer-'.length), entries.map(({ value }) => value).join()]),
    );

  test('a slug gives its location headers and the nearest replica, over what the client sends', async () => {
    const { request } = await seen({
      headers: { 'x-sim-viewer': 'sao-paulo', 'CloudFront-Viewer-Country': 'US', 'cloudfront-viewer-latitude': '1' },
    });
    expect(location(request.headers)).toEqual({
      country: 'BR',
      'country-name': 'Brazil',
      'country-region': 'SP',
      'country-region-name': 'S%C3%A3o Paulo',
      city: 'S%C3%A3o Paulo',
      latitude: '-23.54750',
      longitude: '-46.63610',
      'time-zone': 'America/Sao_Paulo',
    });
  });

  test('a point gives country and point', async () => {
    const { request } = await seen({ headers: { 'x-sim-viewer': '64.1,-21.9;IS' } });
    expect(location(request.headers)).toEqual({
      country: 'IS',
      'country-name': 'Iceland',
      latitude: '64.10000',
      longitude: '-21.90000',
    });
  });

  test('aws has no location', async () => {
    const { request } = await seen({ headers: { 'x-sim-viewer': 'aws', 'cloudfront-viewer-country': 'IE' } });
    expect(location(request.headers)).toEqual({});
  });

  test('without a wish it is Dublin', async () => {
    expect(location((await seen()).request.headers)['city']).toBe('Dublin');
  });

  test.each(['atlantis', '91,0;IE', '0,181;IE', '1,2', ''])('%j is a local 400 that lists the places', async (wish) => {
    const reply = await stage.ask({ headers: { 'x-sim-viewer': wish } });
    expect(reply.status).toBe(400);
    expect(JSON.parse(reply.text).places).toContain('sydney');
  });

  test.each([
    ['dublin', 'eu-west-1'],
    ['sydney', 'ap-southeast-2'],
    ['aws', 'us-east-1'],
  ])('from %s the function runs in %s with the reserved environment alone', async (place, region) => {
    const reply = await stage.ask({
      headers: { 'x-sim-viewer': place },
      code: `return { status: '200', body: JSON.stringify([process.env.AWS_REGION, Object.keys(process.env)]) };`,
    });
    const [name, keys] = JSON.parse(reply.text) as [string, string[]];
    expect(name).toBe(region);
    expect(keys.filter((key) => !key.startsWith('AWS_'))).toEqual([]);
  });
});

describe('a body', () => {
  const LIMIT = 1_000_000;

  test('is shown in base64', async () => {
    const { request } = await seen({ method: 'POST', body: Buffer.from([0xff, 0x00, 0x41]) });
    expect(request.body).toEqual({ inputTruncated: false, action: 'read-only', encoding: 'base64', data: '/wBB' });
  });

  test.each([
    ['of exactly the limit is whole', LIMIT, false],
    ['one byte longer is cut', LIMIT + 1, true],
  ])('%s, and the origin gets all of it', async (_name, length, truncated) => {
    const body = Buffer.alloc(length, 'nearput ');
    const reply = await stage.ask({
      method: 'POST',
      body,
      code: `const { createHash } = await import('node:crypto');
        const hash = createHash('sha256').update(Buffer.from(request.body.data, 'base64')).digest('hex');
        return { status: '200', body: JSON.stringify([request.body.inputTruncated, hash]) };`,
    });
    expect(JSON.parse(reply.text)).toEqual([truncated, sha256(body.subarray(0, LIMIT))]);
    expect(await stage.echo({ method: 'POST', body })).toMatchObject({ length, sha256: sha256(body) });
  });

  test('of 10 MB sent in chunks reaches the origin whole', async () => {
    const body = Buffer.alloc(10_485_760, 'document ');
    const echo = await stage.echo({ method: 'POST', body, headers: { 'transfer-encoding': 'chunked' } });
    expect(echo).toMatchObject({ length: body.length, sha256: sha256(body) });
    expect(echo.headers['transfer-encoding']).toBe('chunked');
  });

  test('that the viewer breaks off harms nobody else', async () => {
    const socket = connect(stage.door.port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write(`POST /v1/x HTTP/1.1\r\nHost: 127.0.0.1:${stage.door.port}\r\nContent-Length: 2000000\r\n\r\n`);
    socket.write(Buffer.alloc(1_200_000));
    await new Promise((resolve) => setTimeout(resolve, 100));
    socket.destroy();
    expect(await stage.echo()).toMatchObject({ origin: 'home' });
  });
});
