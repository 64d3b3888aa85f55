import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ALIAS, AWAY, DEAD, HOME, type Stage, sha256, startStage } from './test-stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await startStage();
});
afterAll(() => stage.close());

const ECHO = 'return request;';

describe('a request that the function lets through', () => {
  const HEADERS = {
    'accept-encoding': 'gzip',
    'if-none-match': '"a"',
    'if-modified-since': 'x',
    'if-range': 'x',
    'if-unmodified-since': 'x',
    'cdn-loop': 'x',
  };

  test('reaches the origin unchanged: path with stage, raw query, custom headers, its own Host and id', async () => {
    const echo = await stage.echo({
      path: '/v1/a%20b?q=%2F',
      code: ECHO,
      headers: { ...HEADERS, authorization: 'Bearer t' },
    });
    expect(echo).toMatchObject({ origin: 'home', method: 'GET', url: '/live/v1/a%20b?q=%2F' });
    expect(echo.headers).toMatchObject({
      ...HEADERS,
      authorization: 'Bearer t',
      'x-config-1': 'one',
      'x-config-2': 'two',
    });
    expect(echo.headers['host']).toMatch(new RegExp(`^${HOME}:\\d+$`));
    expect(echo.headers['x-amz-cf-id']).toMatch(/==$/);
  });

  test("gets the origin's status and headers back, with CloudFront's own", async () => {
    const reply = await stage.ask({ headers: { 'x-wish': 'refuse' } });
    expect(reply).toMatchObject({
      status: 418,
      headers: {
        'set-cookie': ['a=1', 'b=2'],
        'x-amzn-requestid': 'from-the-origin',
        'x-cache': 'Error from cloudfront',
        'x-amz-cf-pop': expect.anything(),
        via: expect.stringContaining('cloudfront.net'),
      },
    });
    expect((await stage.ask()).headers['x-cache']).toBe('Miss from cloudfront');
  });

  test.each([
    [
      'another path and query',
      `request.uri = '/v1/other'; request.querystring = 'a=1'; return request;`,
      { url: '/live/v1/other?a=1' },
    ],
    [
      'another origin, with path and host',
      `request.origin.custom.domainName = '${AWAY}'; request.origin.custom.path = ''; request.headers.host = [{ value: '${AWAY}' }]; return request;`,
      { origin: 'away', url: '/v1/things' },
    ],
    [
      'a header added',
      `request.headers['x-amz-content-sha256'] = [{ value: 'abc' }]; return request;`,
      { headers: { 'x-amz-content-sha256': 'abc' } },
    ],
    [
      'a name of the same origin as host',
      `request.headers.host = [{ value: '${ALIAS}' }]; return request;`,
      { origin: 'home' },
    ],
    ['no host header', 'delete request.headers.host; return request;', { origin: 'home' }],
    ['no body member', 'delete request.body; return request;', { origin: 'home' }],
  ])('may have %s', async (_name, code, expected) => {
    expect(await stage.echo({ code })).toMatchObject(expected);
  });

  test('may lose its custom headers', async () => {
    const { headers } = await stage.echo({ code: 'request.origin.custom.customHeaders = {}; return request;' });
    expect(Object.keys(headers).filter((name) => name.startsWith('x-config'))).toEqual([]);
  });

  test.each([
    ['text', `request.body = { ...request.body, action: 'replace', encoding: 'text', data: 'né' };`, 'né'],
    [
      'base64',
      `request.body = { ...request.body, action: 'replace', encoding: 'base64', data: 'AAE=' };`,
      Buffer.from([0, 1]),
    ],
    ['nothing', `request.body = { ...request.body, action: 'replace', encoding: 'text', data: '' };`, ''],
  ])('may have its body replaced by %s', async (_name, code, body) => {
    const echo = await stage.echo({ method: 'POST', body: 'before', code: `${code} return request;` });
    expect(echo).toMatchObject({ length: Buffer.byteLength(body), sha256: sha256(body) });
    expect(echo.headers['content-length']).toBe(String(Buffer.byteLength(body)));
  });

  test('keeps its body when the data changed but not the action', async () => {
    const echo = await stage.echo({
      method: 'POST',
      body: 'before',
      code: `request.body.data = 'AAAA'; return request;`,
    });
    expect(echo.sha256).toBe(sha256('before'));
  });

  test.each([
    'accept-encoding',
    'cdn-loop',
    'if-modified-since',
    'if-none-match',
    'if-range',
    'if-unmodified-since',
    'via',
  ])('may not change, delete or add the read-only header %s', async (name) => {
    const headers = { ...HEADERS, via: '1.0 x' };
    const without = Object.fromEntries(Object.entries(headers).filter(([header]) => header !== name));
    const offences: [string, Record<string, string>][] = [
      [`request.headers['${name}'] = [{ value: 'other' }];`, headers],
      [`delete request.headers['${name}'];`, headers],
      [`request.headers['${name}'].push({ value: 'more' });`, headers],
    ];
    if (name !== 'via') offences.push([`request.headers['${name}'] = [{ value: 'new' }];`, without]);
    for (const [offence, sent] of offences) {
      const reply = await stage.ask({ code: `${offence} return request;`, headers: sent });
      expect(reply.headers['x-local-refusal']).toBe(`header ${name} is read-only`);
      expect(reply).toMatchObject({ status: 502, headers: { 'x-cache': 'LambdaValidationError from cloudfront' } });
    }
  });

  test.each([
    ['content-length', {}],
    ['transfer-encoding', { 'transfer-encoding': 'chunked' }],
  ])('may not touch %s', async (name, headers) => {
    for (const offence of [`request.headers['${name}'] = [{ value: '7' }];`, `delete request.headers['${name}'];`]) {
      const reply = await stage.ask({ method: 'POST', body: 'abc', headers, code: `${offence} return request;` });
      expect(reply.headers['x-local-refusal']).toBe(`header ${name} is read-only`);
      expect(reply.status).toBe(502);
    }
  });

  const ORIGIN = 'request.origin.custom';
  test.each([
    ['another method', `request.method = 'POST';`, /method is read-only/],
    ['no method', `delete request.method;`, /method is read-only/],
    ['another clientIp', `request.clientIp = '192.0.2.1';`, /clientIp is read-only/],
    ['a uri without slash', `request.uri = 'v1';`, /uri/],
    ['a uri with a space', `request.uri = '/v1/a b';`, /uri/],
    ['no uri', `delete request.uri;`, /uri/],
    ['a querystring that is no string', `request.querystring = { a: 1 };`, /querystring/],
    [
      'uri and querystring of 8,192 characters',
      `request.uri = '/v1/'; request.querystring = 'q'.repeat(8188);`,
      /8192/,
    ],
    ['no headers', `delete request.headers;`, /not a map/],
    ['an upper-case header', `request.headers['X-A'] = [{ value: '1' }];`, /not lower case/],
    ['a disallowed header', `request.headers['x-real-ip'] = [{ value: '1' }];`, /x-real-ip is disallowed/],
    ['a disallowed header by prefix', `request.headers['x-edge-a'] = [{ value: '1' }];`, /x-edge-a is disallowed/],
    ['no origin', `delete request.origin;`, /origin is missing/],
    ['two origins', `request.origin.s3 = {};`, /exactly one/],
    ['an empty origin', `request.origin = {};`, /exactly one/],
    ['another kind of origin', `request.origin = { mine: {} };`, /exactly one/],
    ['an s3 origin', `request.origin = { s3: {} };`, /s3 origin/],
    ['no domainName', `delete ${ORIGIN}.domainName;`, /domainName is missing/],
    ['an IP address', `${ORIGIN}.domainName = '127.0.0.1';`, /IP address/],
    ['a host with a port', `${ORIGIN}.domainName = '${HOME}:443';`, /colon/],
    ['a domainName of 254 characters', `${ORIGIN}.domainName = 'a'.repeat(254);`, /253/],
    ['a domainName that is no host', `${ORIGIN}.domainName = 'a_b/c';`, /not a host name/],
    ['a path with a slash at its end', `${ORIGIN}.path = '/live/';`, /path/],
    ['a path without slash', `${ORIGIN}.path = 'live';`, /path/],
    ['no path', `delete ${ORIGIN}.path;`, /path/],
    ['port 1023', `${ORIGIN}.port = 1023;`, /port/],
    ['port 65536', `${ORIGIN}.port = 65536;`, /port/],
    ['another protocol', `${ORIGIN}.protocol = 'ftp';`, /protocol/],
    ['keepaliveTimeout 0', `${ORIGIN}.keepaliveTimeout = 0;`, /keepaliveTimeout/],
    ['readTimeout 121', `${ORIGIN}.readTimeout = 121;`, /readTimeout/],
    ['no sslProtocols', `delete ${ORIGIN}.sslProtocols;`, /sslProtocols/],
    ['a malformed custom header', `${ORIGIN}.customHeaders = { 'X-A': [] };`, /customHeaders: header X-A/],
    ['a custom header that is also a request header', `request.headers['x-config-1'] = [{ value: '1' }];`, /both/],
    [
      'a custom header CloudFront keeps for itself',
      `${ORIGIN}.customHeaders = { 'cache-control': [{ value: '1' }] };`,
      /cache-control is not allowed/,
    ],
    ['a custom x-amz- header', `${ORIGIN}.customHeaders = { 'x-amz-a': [{ value: '1' }] };`, /x-amz-a is not allowed/],
    [
      'a custom header of 1,784 characters',
      `${ORIGIN}.customHeaders = { 'x-a': [{ value: 'v'.repeat(1784) }] };`,
      /1783/,
    ],
    [
      'a custom header name of 257 characters',
      `${ORIGIN}.customHeaders = { ['n'.repeat(257)]: [{ value: '1' }] };`,
      /256/,
    ],
    [
      '31 custom headers',
      `${ORIGIN}.customHeaders = Object.fromEntries(Array.from({ length: 31 }, (_, i) => ['x-' + i, [{ value: '1' }]]));`,
      /more than 30/,
    ],
    [
      'custom headers of over 10,240 characters',
      `${ORIGIN}.customHeaders = Object.fromEntries(Array.from({ length: 6 }, (_, i) => ['x-' + i, [{ value: 'v'.repeat(1750) }]]));`,
      /10240/,
    ],
    ['a body that is no object', `request.body = 'x';`, /body is not an object/],
    ['inputTruncated changed', `request.body.inputTruncated = true;`, /inputTruncated/],
    ['an unknown body action', `request.body.action = 'append';`, /action/],
    ['an unknown body encoding', `request.body.action = 'replace'; request.body.encoding = 'hex';`, /encoding/],
    ['body data that is no string', `request.body.action = 'replace'; request.body.data = 1;`, /data/],
    [
      'a text body over 1 MB',
      `request.body = { ...request.body, action: 'replace', encoding: 'text', data: 'x'.repeat(1_000_001) };`,
      /over 1000000 bytes/,
    ],
    [
      'a base64 body over 1.33 MB',
      `request.body = { ...request.body, action: 'replace', encoding: 'base64', data: 'A'.repeat(1_333_336) };`,
      /1333333/,
    ],
  ])('with %s is 502', async (_name, offence, reason) => {
    const reply = await stage.ask({ code: `${offence} return request;` });
    expect(reply.headers['x-local-refusal']).toMatch(reason);
    expect(reply).toMatchObject({ status: 502, headers: { 'x-cache': 'LambdaValidationError from cloudfront' } });
  });

  test.each([
    [
      'a host that DNS does not know',
      `${ORIGIN}.domainName = 'nowhere.example'; request.headers.host = [{ value: 'nowhere.example' }];`,
      /no such host: nowhere\.example/,
    ],
    ['a Host header of another origin', `request.headers.host = [{ value: '${AWAY}' }];`, /host header/],
    ['only the domainName changed', `${ORIGIN}.domainName = '${AWAY}';`, /host header/],
    [
      'an origin where nobody listens',
      `${ORIGIN}.domainName = '${DEAD}'; request.headers.host = [{ value: '${DEAD}' }];`,
      /ECONNREFUSED/,
    ],
    ['an origin that hangs up', `request.headers['x-wish'] = [{ value: 'hang-up' }];`, /ECONNRESET/],
  ])('to %s is 502', async (_name, change, reason) => {
    const reply = await stage.ask({ code: `${change} return request;` });
    expect(reply.headers['x-local-refusal']).toMatch(reason);
    expect(reply).toMatchObject({ status: 502, headers: { 'x-cache': 'Error from cloudfront' } });
  });

  test('to an origin that stays silent is 504 after its readTimeout', async () => {
    const code = `${ORIGIN}.readTimeout = 1; request.headers['x-wish'] = [{ value: 'silence' }]; return request;`;
    expect((await stage.ask({ code })).status).toBe(504);
  });

  test('goes over a kept connection, and once more over a new one when that is dead', async () => {
    const first = await stage.echo();
    expect((await stage.echo()).connection).toBe(first.connection);
    const again = await stage.echo({ method: 'POST', body: 'again', headers: { 'x-wish': 'hang-up-if-kept' } });
    expect(again.sha256).toBe(sha256('again'));
    expect(again.connection).not.toBe(first.connection);
  });
});
