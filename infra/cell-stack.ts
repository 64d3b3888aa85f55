import { Stack } from 'aws-cdk-lib';
import { CfnQueuePolicy } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { cellNames } from '../core/config/names.ts';
import type { AwsRegion } from '../core/config/regions.ts';
import { cellAlarms } from './cell/alarms.ts';
import { cellApi } from './cell/api.ts';
import { cellFunctions, connectFunctions } from './cell/functions.ts';
import { allowBucketEvents, cellQueues } from './cell/queues.ts';
import { notifyQueue, recordTable, registryBucket, uploadsBucket } from './cell/storage.ts';
import type { DeploySettings } from './settings.ts';

/** One Region's cell: bucket, registry, queues, table, Lambdas, alarms, API. */
export type CellStack = {
  readonly stack: Stack;
  readonly region: AwsRegion;
  /** Host name of the API, known when it is deployed. */
  readonly apiHost: string;
};

/** Builds the stack of one Region. */
export const cellStack = (scope: Construct, settings: DeploySettings, region: AwsRegion): CellStack => {
  const stack = new Stack(scope, `nearput-${settings.env}-cell-${region.code}`, {
    env: { account: settings.account, region: region.name },
    description: `nearput ${settings.env}: the cell of ${region.name}`,
  });
  const names = cellNames({ env: settings.env, account: settings.account, region: region.name });
  const queues = cellQueues(stack, names);
  allowBucketEvents(queues.events, names.bucket, settings.account);
  const bucket = uploadsBucket(stack, names, settings.allowedOrigins);
  notifyQueue(bucket, queues.events.queueArn);
  // S3 checks at creation that it may send to the queue.
  for (const policy of queues.events.node.findAll().filter((child) => child instanceof CfnQueuePolicy))
    bucket.node.addDependency(policy);
  registryBucket(stack, names);
  recordTable(stack, names);
  const functions = cellFunctions(stack, settings, region);
  connectFunctions(stack, functions, queues);
  cellAlarms(stack, settings, names);
  const api = cellApi(stack, names, functions.api);
  return { stack, region, apiHost: `${api.restApiId}.execute-api.${region.name}.amazonaws.com` };
};
