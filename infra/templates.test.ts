import { describe, expect, it } from 'vitest';
import { parseGateConfig } from '../core/config/gate.ts';
import { cellNames, edgeNames, queueUrl, TABLE } from '../core/config/names.ts';
import { parseOriginEnv } from '../core/config/origin.ts';
import {
  ACCOUNT,
  byType,
  configHeaders,
  distributionOf,
  type Json,
  one,
  type Resource,
  synth,
  type Template,
} from './testing/templates.ts';

const templates = synth({
  env: 'prod',
  account: ACCOUNT,
  regions: 'euw1,use1,apse2',
  allowedOrigins: 'https://app.example',
});
const cell = templates.get('nearput-prod-cell-euw1') ?? { Resources: {} };
const edge = templates.get('nearput-prod-edge') ?? { Resources: {} };
const names = cellNames({ env: 'prod', account: ACCOUNT, region: 'eu-west-1' });

const functionNamed = (template: Template, name: string) =>
  one(template, 'AWS::Lambda::Function', ({ Properties }) => String(Properties['FunctionName']) === name);

/** Everything a function's role says. */
const roleText = (lambda: Resource): string => {
  const [id] = (lambda.Properties['Role'] as unknown as { 'Fn::GetAtt': string[] })['Fn::GetAtt'];
  return JSON.stringify(cell.Resources[String(id)]?.Properties);
};

describe("an upload's path in the templates", () => {
  const [queueId] = one(
    cell,
    'AWS::SQS::Queue',
    ({ Properties }) => String(Properties['QueueName']) === names.eventsQueue,
  );
  const [recorderId, recorder] = functionNamed(cell, names.functions.recorder);

  it('a client reaches the gate at origin-request, uncached, with body and viewer location', () => {
    const behaviour = distributionOf(edge)['CacheBehaviors']?.[0];
    expect(behaviour).toMatchObject({
      PathPattern: '/v1/*',
      CachePolicyId: '4135ea2d-6df8-44a3-9df3-4b5a84be39ad',
      OriginRequestPolicyId: 'b689b0a8-53d0-40ab-baf2-68738e2966ac',
      ViewerProtocolPolicy: 'https-only',
      LambdaFunctionAssociations: [{ EventType: 'origin-request', IncludeBody: true }],
    });
    const [association] = (behaviour?.['LambdaFunctionAssociations'] ?? []) as unknown as {
      LambdaFunctionARN: { Ref: string };
    }[];
    const version = association?.LambdaFunctionARN.Ref ?? '';
    const [gateId] = functionNamed(edge, edgeNames({ env: 'prod', account: ACCOUNT }).gate);
    expect(edge.Resources[version]).toMatchObject({
      Type: 'AWS::Lambda::Version',
      Properties: { FunctionName: { Ref: gateId } },
    });
  });

  it('the gate is told every Region by names that the cells really have', () => {
    const config = parseGateConfig(configHeaders(edge));
    expect(Object.keys(config.regions)).toEqual(['euw1', 'use1', 'apse2']);
    for (const { name, ...told } of Object.values(config.regions)) {
      const stack = [...templates].find(([, template]) =>
        byType(template, 'AWS::S3::Bucket').some(
          ([, bucket]) => String(bucket.Properties['BucketName']) === told.bucket,
        ),
      )?.[1];
      if (stack === undefined) throw new Error(`no cell has ${told.bucket}`);
      const scope = { env: 'prod', account: ACCOUNT, region: name };
      const queues = byType(stack, 'AWS::SQS::Queue').map(([, queue]) =>
        queueUrl(scope, String(queue.Properties['QueueName'])),
      );
      const buckets = byType(stack, 'AWS::S3::Bucket').map(([, bucket]) => String(bucket.Properties['BucketName']));
      const [, api] = one(stack, 'AWS::ApiGateway::Stage');
      expect(queues).toContain(told.queueUrl);
      expect(queues).toContain(told.refreshQueueUrl);
      expect(buckets).toContain(told.registryBucket);
      expect(told.apiPath).toBe(`/${String(api.Properties['StageName'])}`);
      expect(told.apiHost).toBe(`a1b2c3d4e5.execute-api.${name}.amazonaws.com`);
    }
  });

  it("the bucket's events reach the queue, and only that bucket may send there", () => {
    const [bucketId, bucket] = one(
      cell,
      'AWS::S3::Bucket',
      ({ Properties }) => String(Properties['BucketName']) === names.bucket,
    );
    const configurations = bucket.Properties['NotificationConfiguration']?.['QueueConfigurations'];
    expect(configurations).toMatchObject(
      ['s3:ObjectCreated:*', 's3:ObjectRemoved:*'].map((Event) => ({
        Event,
        Queue: { 'Fn::GetAtt': [queueId, 'Arn'] },
      })),
    );
    const [policyId, policy] = one(cell, 'AWS::SQS::QueuePolicy', ({ Properties }) =>
      JSON.stringify(Properties['Queues']).includes(`"${queueId}"`),
    );
    const statements = policy.Properties['PolicyDocument']?.['Statement'] as unknown as Json[];
    expect(statements.filter(({ Effect }) => String(Effect) === 'Allow')).toMatchObject([
      {
        Principal: { Service: 's3.amazonaws.com' },
        Action: 'sqs:SendMessage',
        Condition: { ArnEquals: { 'aws:SourceArn': `arn:aws:s3:::${names.bucket}` } },
      },
    ]);
    expect([cell.Resources[bucketId]?.DependsOn].flat()).toContain(policyId);
  });

  it('the queue feeds the recorder with partial failures, and dead letters are kept', () => {
    const [, mapping] = one(cell, 'AWS::Lambda::EventSourceMapping', ({ Properties }) =>
      JSON.stringify(Properties['EventSourceArn']).includes(`"${queueId}"`),
    );
    expect(mapping.Properties).toMatchObject({
      FunctionName: { Ref: recorderId },
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      BatchSize: 100,
      MaximumBatchingWindowInSeconds: 1,
    });
    const redrive = cell.Resources[queueId]?.Properties['RedrivePolicy'];
    const [deadId] = one(
      cell,
      'AWS::SQS::Queue',
      ({ Properties }) => String(Properties['QueueName']) === names.eventsDeadLetterQueue,
    );
    expect(redrive).toMatchObject({ deadLetterTargetArn: { 'Fn::GetAtt': [deadId, 'Arn'] }, maxReceiveCount: 5 });
    const visibility = Number(cell.Resources[queueId]?.Properties['VisibilityTimeout']);
    expect(visibility).toBeGreaterThanOrEqual(6 * Number(recorder.Properties['Timeout']));
  });

  it('the recorder may write the table that the API reads, under the key and indexes both use', () => {
    const [, table] = one(cell, 'AWS::DynamoDB::GlobalTable');
    expect(table.Properties).toMatchObject({
      TableName: names.table,
      KeySchema: [{ AttributeName: TABLE.partitionKey, KeyType: 'HASH' }],
      GlobalSecondaryIndexes: [{ IndexName: 'byOwner' }, { IndexName: 'due' }],
      Replicas: [{ Region: 'eu-west-1', DeletionProtectionEnabled: true }],
    });
    for (const which of ['api', 'recorder'] as const) {
      const [, lambda] = functionNamed(cell, names.functions[which]);
      const environment = lambda.Properties['Environment']?.['Variables'] as unknown as Record<string, string>;
      expect(parseOriginEnv(environment)).toMatchObject({ region: 'euw1', table: names.table, bucket: names.bucket });
      expect(roleText(lambda)).toContain(`arn:aws:dynamodb:eu-west-1:${ACCOUNT}:table/${names.table}"`);
      expect(roleText(lambda)).toContain('dynamodb:PutItem');
    }
  });

  it('the API may hand work to the queue that feeds the worker, one at a time and with partial failures', () => {
    const [workerId, worker] = functionNamed(cell, names.functions.worker);
    const [workId, work] = one(
      cell,
      'AWS::SQS::Queue',
      ({ Properties }) => String(Properties['QueueName']) === names.workQueue,
    );
    const [, mapping] = one(cell, 'AWS::Lambda::EventSourceMapping', ({ Properties }) =>
      JSON.stringify(Properties['EventSourceArn']).includes(`"${workId}"`),
    );
    expect(mapping.Properties).toMatchObject({
      FunctionName: { Ref: workerId },
      BatchSize: 1,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    });
    expect(Number(worker.Properties['Timeout'])).toBe(300);
    expect(Number(work.Properties['VisibilityTimeout'])).toBeGreaterThanOrEqual(1_800);
    const [, api] = functionNamed(cell, names.functions.api);
    const environment = api.Properties['Environment']?.['Variables'] as unknown as Record<string, string>;
    const region = { env: 'prod', account: ACCOUNT, region: 'eu-west-1' };
    expect(parseOriginEnv(environment).workQueueUrl).toBe(queueUrl(region, String(work.Properties['QueueName'])));
    expect(roleText(api)).toContain(`arn:aws:sqs:eu-west-1:${ACCOUNT}:${names.workQueue}"`);
  });

  it.each(['api', 'worker'] as const)('the %s may complete and abort multipart uploads of its own bucket', (which) => {
    const [, lambda] = functionNamed(cell, names.functions[which]);
    const text = roleText(lambda);
    for (const action of ['s3:PutObject', 's3:AbortMultipartUpload', 's3:ListMultipartUploadParts']) {
      expect(text).toContain(`"${action}"`);
    }
    expect(text).toContain('"s3:ListBucketMultipartUploads"');
    expect(text).not.toContain('us-east-1/u/');
  });

  it('the API hands every path to its Lambda, and bodies unchanged', () => {
    const [apiId] = functionNamed(cell, names.functions.api);
    const methods = byType(cell, 'AWS::ApiGateway::Method');
    expect(methods.length).toBeGreaterThan(0);
    for (const [, method] of methods) {
      expect(method.Properties).toMatchObject({ HttpMethod: 'ANY', Integration: { Type: 'AWS_PROXY' } });
      expect(JSON.stringify(method.Properties['Integration'])).toContain(`"${apiId}"`);
    }
    const [, api] = one(cell, 'AWS::ApiGateway::RestApi');
    expect(api.Properties).toMatchObject({ BinaryMediaTypes: ['*/*'], EndpointConfiguration: { Types: ['REGIONAL'] } });
  });

  it('the refresher runs every minute and when it is asked', () => {
    const [refresherId] = functionNamed(cell, names.functions.refresher);
    const [, rule] = one(cell, 'AWS::Events::Rule');
    expect(rule.Properties).toMatchObject({
      ScheduleExpression: 'rate(1 minute)',
      Targets: [{ Arn: { 'Fn::GetAtt': [refresherId, 'Arn'] } }],
    });
    const [fifoId] = one(
      cell,
      'AWS::SQS::Queue',
      ({ Properties }) => String(Properties['QueueName']) === names.refreshQueue,
    );
    one(cell, 'AWS::Lambda::EventSourceMapping', ({ Properties }) =>
      JSON.stringify(Properties['EventSourceArn']).includes(`"${fifoId}"`),
    );
  });
});

describe('what Lambda@Edge refuses and CDK does not', () => {
  const [, gate] = functionNamed(edge, 'nearput-prod-gate');

  it('the gate is x86_64, Node 24, in us-east-1, without anything the edge forbids', () => {
    expect(gate.Properties).toMatchObject({
      Architectures: ['x86_64'],
      Runtime: 'nodejs24.x',
      MemorySize: 1_024,
      Handler: 'gate.handler',
    });
    expect(Number(gate.Properties['Timeout'])).toBeLessThanOrEqual(30);
    for (const forbidden of [
      'Environment',
      'TracingConfig',
      'DeadLetterConfig',
      'VpcConfig',
      'Layers',
      'ReservedConcurrentExecutions',
      'KmsKeyArn',
      'EphemeralStorage',
      'ImageConfig',
    ]) {
      expect(gate.Properties, forbidden).not.toHaveProperty(forbidden);
    }
  });

  it('its role is assumed by both principals and may log in every Region', () => {
    const [, role] = one(edge, 'AWS::IAM::Role', ({ Properties }) =>
      JSON.stringify(Properties['AssumeRolePolicyDocument']).includes('edgelambda'),
    );
    const text = JSON.stringify(role.Properties);
    expect(text).toContain('"lambda.amazonaws.com"');
    expect(text).toContain(`arn:aws:logs:*:${ACCOUNT}:log-group:/nearput/*`);
    expect(text).toContain(`arn:aws:s3:::${names.bucket}/u/*`);
  });
});
