import { SQSClient } from '@aws-sdk/client-sqs';
import { gatewayBody, gatewayHeaders, gatewayStatus } from '../../core/config/gateway-responses.ts';
import { API_STAGE } from '../../core/config/names.ts';
import { startGateway } from '../apigateway/gateway.ts';
import { lambdaProxy } from '../apigateway/lambda-proxy.ts';
import type { LambdaFunction } from '../lambda/host.ts';
import { CELLS, type LocalCell } from './cells.ts';
import { urlsOf } from './endpoints.ts';
import type { Foundation, OnStop } from './foundation.ts';
import { type CellFunctions, createCellFunctions } from './functions.ts';
import type { Services } from './services.ts';
import { type CellSources, startSources } from './sources.ts';

/** One Region's functions, its API, and what starts the functions. */
export interface CellCompute {
  readonly cell: LocalCell;
  readonly functions: CellFunctions;
  /** `http://127.0.0.1:{port}`, without the stage. */
  readonly api: string;
  readonly sources: CellSources;
}

/** Starts every Region's Lambdas, API, event sources and schedules. */
export function startCompute(
  foundation: Foundation,
  services: Services,
  onStop: OnStop,
): Promise<readonly CellCompute[]> {
  return Promise.all(CELLS.map((cell) => startCell(cell, foundation, services, onStop)));
}

async function startCell(
  cell: LocalCell,
  foundation: Foundation,
  { endpoints }: Services,
  onStop: OnStop,
): Promise<CellCompute> {
  const { clock, logs, state } = foundation;
  const functions = createCellFunctions(foundation, cell, endpoints);
  onStop(async () => {
    await Promise.all(Object.values(functions).map((one: LambdaFunction) => one.stop()));
  });
  const gateway = await startGateway({
    port: state.ports[cell.code]?.api ?? 0,
    domainName: cell.apiHost,
    stage: API_STAGE,
    routes: functions.api ? [{ method: 'ANY', resource: '/{proxy+}', integration: proxy(cell, functions.api) }] : [],
    clock,
    responses: (type, requestId) => ({
      status: gatewayStatus(type),
      headers: [...Object.entries(gatewayHeaders(type)), ['x-request-id', requestId]],
      body: Buffer.from(gatewayBody(type, requestId)),
    }),
    log: (entry) => logs.write(`apigateway ${cell.code} ${JSON.stringify(entry)}`),
  });
  onStop(() => gateway.close());
  const sqsUrl = urlsOf(endpoints, cell).sqs;
  const client = sqsClient(cell, sqsUrl, foundation);
  const sources = startSources({ cell, functions, client, sqsUrl, clock, log: logs.write });
  onStop(async () => {
    await sources.stop();
    client.destroy();
  });
  return { cell, functions, api: gateway.url, sources };
}

function proxy(cell: LocalCell, api: LambdaFunction): ReturnType<typeof lambdaProxy> {
  return lambdaProxy(api, {
    accountId: cell.account,
    apiId: cell.apiHost.split('.')[0] ?? '',
    domainName: cell.apiHost,
    stage: API_STAGE,
  });
}

/** The event sources' own client; on AWS the Lambda service polls, so no role of nearput's is spent on it. */
function sqsClient(cell: LocalCell, endpoint: string, { credential }: Foundation): SQSClient {
  const { accessKeyId, secretAccessKey } = credential('admin');
  return new SQSClient({ region: cell.region, endpoint, credentials: { accessKeyId, secretAccessKey } });
}
