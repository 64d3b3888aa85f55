import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFunction, type FunctionOptions, type LambdaFunction } from '../lambda/host.ts';
import { type Ask, sendRaw } from '../support/testing/raw-request.ts';
import { type Gateway, type GatewayOptions, lambdaProxy, startGateway } from './gateway.ts';

/** Runs the code that a request brings in `x-code`; without code it answers with its event. */
const BUNDLE = `
const AsyncFunction = (async () => undefined).constructor;
export const handler = async (event) => {
  const code = event.headers['x-code'];
  if (code === undefined) return { statusCode: 200, body: JSON.stringify(event) };
  return new AsyncFunction('event', Buffer.from(code, 'base64url').toString('utf8'))(event);
};
`;
export const API = {
  accountId: '000000000000',
  apiId: 'abc123',
  domainName: 'abc123.execute-api.eu-west-1.amazonaws.com',
  stage: 'live',
};
export const MAX_BODY = 10_485_760;

/** Starts gateways before functions that run what a request brings, and ends them all. */
export const createGatewayStage = () => {
  const folder = mkdtempSync(join(tmpdir(), 'apigateway-'));
  const bundle = join(folder, 'api.mjs');
  writeFileSync(bundle, BUNDLE);
  const running: { gateway: Gateway; lambda: LambdaFunction }[] = [];

  const start = async (wish: { gateway?: Partial<GatewayOptions>; lambda?: Partial<FunctionOptions> } = {}) => {
    const lambda = createFunction({
      name: 'api',
      bundle,
      handler: 'handler',
      env: { AWS_REGION: 'eu-west-1' },
      memoryMb: 256,
      timeoutMs: 5_000,
      maxInstances: 4,
      perInstanceRps: null,
      logPath: join(folder, 'api.log'),
      clock: { offsetSeconds: () => 0 },
      ...wish.lambda,
    });
    const gateway = await startGateway({
      port: 0,
      domainName: API.domainName,
      stage: API.stage,
      routes: [{ method: 'ANY', resource: '/{proxy+}', integration: lambdaProxy(lambda, API) }],
      clock: { now: () => Date.UTC(2026, 3, 9, 12, 34, 56, 789) },
      ...wish.gateway,
    });
    running.push({ gateway, lambda });
    return (ask: Ask = {}) => sendRaw(gateway.url, { path: '/live/v1/things', ...ask });
  };

  return {
    start,
    /** Ports of the gateways that run. */
    ports: () => running.map(({ gateway }) => gateway.port),
    stop: async () => {
      for (const { gateway, lambda } of running) {
        await gateway.close();
        await lambda.stop();
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
