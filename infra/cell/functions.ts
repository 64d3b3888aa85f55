import { Duration } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as LambdaTarget } from 'aws-cdk-lib/aws-events-targets';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, type Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import type { Construct } from 'constructs';
import { type Cell, type CellNames, cellNames, queueUrl } from '../../core/config/names.ts';
import { formatOriginEnv } from '../../core/config/origin.ts';
import type { AwsRegion } from '../../core/config/regions.ts';
import { roleStatements } from '../../core/config/roles.ts';
import { EVENT_SOURCES, FUNCTIONS, SCHEDULES } from '../../core/config/settings.ts';
import { bundleFunction } from '../functions.ts';
import type { DeploySettings } from '../settings.ts';
import type { CellQueues } from './queues.ts';

/** The regional Lambdas that have a bundle. */
export const CELL_FUNCTIONS = ['api', 'recorder', 'worker', 'refresher'] as const;
export type CellFunction = (typeof CELL_FUNCTIONS)[number];

const environmentOf = (
  settings: DeploySettings,
  region: AwsRegion,
  cell: Cell,
  names: CellNames,
): Record<string, string> =>
  formatOriginEnv({
    env: settings.env,
    region: region.code,
    regions: Object.fromEntries(
      settings.regions.map(({ code, name }) => {
        const { bucket, registryBucket, table } = cellNames({ ...cell, region: name });
        return [code, { name, bucket, registryBucket, table }];
      }),
    ),
    bucket: names.bucket,
    registryBucket: names.registryBucket,
    table: names.table,
    corsOrigins: settings.allowedOrigins,
    urlExpiry: settings.urlExpiry,
    workQueueUrl: queueUrl(cell, names.workQueue),
    refreshQueueUrl: queueUrl(cell, names.refreshQueue),
  });

/** The Lambdas of a cell. */
export const cellFunctions = (
  scope: Construct,
  settings: DeploySettings,
  region: AwsRegion,
): Readonly<Record<CellFunction, LambdaFunction>> => {
  const cell = { env: settings.env, account: settings.account, region: region.name };
  const names = cellNames(cell);
  const environment = environmentOf(settings, region, cell, names);
  const roleScope = { ...cell, regions: settings.regions.map(({ name }) => name) };
  const make = (bundle: CellFunction): LambdaFunction =>
    bundleFunction(scope, `${bundle.charAt(0).toUpperCase()}${bundle.slice(1)}Function`, {
      functionName: names.functions[bundle],
      folder: 'origin',
      bundle,
      memoryMb: FUNCTIONS[bundle].memoryMb,
      timeoutSeconds: bundle === 'api' ? settings.functionTimeout : FUNCTIONS[bundle].timeoutSeconds,
      architecture: Architecture.ARM_64,
      principal: new ServicePrincipal('lambda.amazonaws.com'),
      statements: roleStatements(bundle, roleScope),
      environment,
    });
  return { api: make('api'), recorder: make('recorder'), worker: make('worker'), refresher: make('refresher') };
};

/** Joins queues and schedules to the Lambdas they feed. */
export const connectFunctions = (
  scope: Construct,
  functions: Readonly<Record<CellFunction, LambdaFunction>>,
  queues: CellQueues,
): void => {
  const { recorder, worker, refresher } = EVENT_SOURCES;
  functions.recorder.addEventSource(
    new SqsEventSource(queues.events, {
      batchSize: recorder.batchSize,
      maxBatchingWindow: Duration.seconds(recorder.windowSeconds),
      maxConcurrency: recorder.maxConcurrency,
      reportBatchItemFailures: true,
    }),
  );
  functions.worker.addEventSource(
    new SqsEventSource(queues.work, {
      batchSize: worker.batchSize,
      maxConcurrency: worker.maxConcurrency,
      reportBatchItemFailures: true,
    }),
  );
  functions.refresher.addEventSource(
    new SqsEventSource(queues.refresh, {
      batchSize: refresher.batchSize,
      maxConcurrency: refresher.maxConcurrency,
      reportBatchItemFailures: true,
    }),
  );
  new Rule(scope, 'RefreshKeySets', {
    schedule: Schedule.rate(Duration.seconds(SCHEDULES.refresher.everySeconds)),
    targets: [new LambdaTarget(functions.refresher)],
  });
};
