import type { CloudFrontRequest, CloudFrontResultResponse } from 'aws-lambda';
import { formatGateConfig, type GateConfig } from '../../core/config/gate.ts';
import { cellNames, queueUrl } from '../../core/config/names.ts';
import { regionByCode } from '../../core/config/regions.ts';
import { NO_REVOCATIONS } from '../../core/contract/registry.ts';
import { createCloudFrontHandler } from '../cloudfront.ts';
import { createGate } from '../gate.ts';
import type { HttpRequest, HttpResponse } from '../http.ts';
import { cloudFrontEvent, type EventInput } from './event.ts';
import { createTestIssuer, type TestIssuer } from './issuer.ts';
import { createMultiparts } from './multiparts.ts';

/** Noon of a day in 2026. */
export const NOON = Date.UTC(2026, 10, 21, 12);
export const SECRET = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';
export const SESSION = 'IQoJb3JpZ2luX2VjEXAMPLESESSION';
const ACCOUNT = '123456789012';

/** A gate configuration for these Region codes. */
export const testConfig = (codes: readonly string[] = ['euw1', 'use1', 'apse2']): GateConfig => ({
  v: 1,
  env: 'prod',
  defaultRegion: 'use1',
  corsOrigins: ['https://app.example', 'http://localhost:5173'],
  urlExpiry: 1_800,
  regions: Object.fromEntries(
    codes.map((code) => {
      const { name, lat, lon } = regionByCode(code) ?? { name: '', lat: 0, lon: 0 };
      const cell = { env: 'prod', account: ACCOUNT, region: name };
      const names = cellNames(cell);
      return [
        code,
        {
          name,
          bucket: names.bucket,
          registryBucket: names.registryBucket,
          queueUrl: queueUrl(cell, names.eventsQueue),
          refreshQueueUrl: queueUrl(cell, names.refreshQueue),
          apiHost: `${code}.execute-api.${name}.amazonaws.com`,
          apiPath: '/live',
          lat,
          lon,
        },
      ];
    }),
  ),
});

/** How an outside service behaves: as it should, with an answer or error of its own, or never. */
export type Behaviour = 'ok' | 'never' | ((request: HttpRequest) => Promise<HttpResponse>);

export type WorldInput = {
  readonly config?: GateConfig;
  /** Replaces the configuration headers. */
  readonly customHeaders?: Readonly<Record<string, string>>;
  readonly issuers?: (now: () => number) => readonly TestIssuer[];
  readonly drain?: readonly string[];
  readonly registry?: Behaviour;
  readonly queue?: Behaviour;
  /** S3, asked to start uploads in parts and what is open. */
  readonly s3?: Behaviour;
  readonly edgeRegion?: string;
  /** Milliseconds that the clock has moved by itself; without it the clock stands. */
  readonly elapsed?: () => number;
};

export type Answer = { readonly status: number; readonly headers: Record<string, string>; readonly body: string };

const never = (): Promise<HttpResponse> => new Promise(() => undefined);

const flatten = (response: CloudFrontResultResponse): Answer => ({
  status: Number(response.status),
  headers: Object.fromEntries(
    Object.entries(response.headers ?? {}).map(([name, [pair]]) => [name, pair?.value ?? '']),
  ),
  body: response.body ?? '',
});

/** A gate with everything outside it made up: registry, queue, clock. `sent` are its outgoing requests, `lines` its log. */
export const createWorld = (input: WorldInput = {}) => {
  let time = NOON;
  let random = 0;
  const now = (): number => time + (input.elapsed?.() ?? 0);
  const issuers = input.issuers?.(now) ?? [createTestIssuer('acme', now)];
  const sent: HttpRequest[] = [];
  const lines: string[] = [];
  const documents = {
    policy: {
      schema: 1,
      version: 7,
      publishedAt: '2026-11-20T00:00:00.000Z',
      publishedBy: 'security',
      issuers: issuers.map(({ entry }) => entry),
      drain: input.drain ?? [],
      revocations: NO_REVOCATIONS,
    },
    keys: { schema: 1, version: 3, checkedAt: '2026-11-21T11:59:00.000Z', keys: {} },
  };
  const behave = (behaviour: Behaviour, request: HttpRequest, good: () => HttpResponse): Promise<HttpResponse> => {
    if (behaviour === 'never') return never();
    return behaviour === 'ok' ? Promise.resolve(good()) : behaviour(request);
  };
  const http = (request: HttpRequest): Promise<HttpResponse> => {
    sent.push(request);
    if (request.url.includes('sqs')) {
      return behave(input.queue ?? 'ok', request, () => ({ status: 200, headers: {}, body: '{"MessageId":"1"}' }));
    }
    if (request.url.includes('uploads=')) return behave(input.s3 ?? 'ok', request, () => multiparts(request));
    const name = request.url.includes('policy.json') ? 'policy' : 'keys';
    return behave(input.registry ?? 'ok', request, () => ({
      status: 200,
      headers: { etag: `"${name}"` },
      body: JSON.stringify(documents[name]),
    }));
  };
  const multiparts = createMultiparts(now);
  const gate = createGate({
    now,
    monotonic: () => performance.now(),
    randomBytes: (length) => new Uint8Array(length).fill(++random),
    credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: SECRET, sessionToken: SESSION },
    edgeRegion: input.edgeRegion ?? 'eu-west-1',
    version: '1.2.3',
    http,
    log: (line) => lines.push(line),
  });
  const handler = createCloudFrontHandler({
    gate: gate.handle,
    refuse: gate.refuse,
    newRequestId: () => 'made-up-request-id',
  });
  const customHeaders = input.customHeaders ?? formatGateConfig(input.config ?? testConfig());

  const [first] = issuers;
  if (first === undefined) throw new Error('a world needs an issuer');
  const authorized = (event: EventInput): EventInput => ({
    ...event,
    headers: { authorization: `Bearer ${first.token()}`, ...event.headers },
  });
  const raw = (event: EventInput) => handler(cloudFrontEvent(event, customHeaders));

  return {
    issuers,
    first,
    sent,
    lines,
    handler,
    documents,
    customHeaders,
    /** S3 as it is when it does what it is asked. */
    s3: (request: HttpRequest): Promise<HttpResponse> => Promise.resolve(multiparts(request)),
    /** Moves the clock, in milliseconds. */
    advance: (ms: number): void => {
      time += ms;
    },
    /** A request with the first issuer's good token, unless the headers say otherwise, that the gate answers itself. */
    ask: async (event: EventInput): Promise<Answer> => {
      const result = await raw(authorized(event));
      if (!('status' in result)) throw new Error('the gate sent this request on');
      return flatten(result);
    },
    /** The same for a request that the gate sends on. */
    forward: async (event: EventInput): Promise<CloudFrontRequest> => {
      const result = await raw(authorized(event));
      if ('status' in result) throw new Error(`the gate answered ${result.status}: ${result.body}`);
      return result as CloudFrontRequest;
    },
    /** Whatever comes of a request with this token; status `null`: it was sent on. */
    handlerAnswer: async (
      event: EventInput,
      token: string | null,
    ): Promise<Omit<Answer, 'status'> & { status: number | null }> => {
      const authorization = token === null ? undefined : `Bearer ${token}`;
      const result = await raw({ ...event, headers: { authorization, ...event.headers } });
      return 'status' in result ? flatten(result) : { status: null, headers: {}, body: '' };
    },
    /** The last log line. */
    logged: (): Record<string, unknown> => JSON.parse(lines.at(-1) ?? 'null') as Record<string, unknown>,
  };
};

export type World = ReturnType<typeof createWorld>;

/** The body of a good create. */
export const GOOD_BODY = { name: 'photo.jpg', size: 1_234, type: 'image/jpeg' };

/** A good create. */
export const CREATE: EventInput = { method: 'POST', uri: '/v1/uploads', body: GOOD_BODY };

/** A JSON body as an object. */
export const jsonOf = ({ body }: Pick<Answer, 'body'>): Record<string, unknown> =>
  JSON.parse(body) as Record<string, unknown>;
