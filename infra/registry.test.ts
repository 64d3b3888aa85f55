import { describe, expect, it } from 'vitest';
import { ALARMS } from '../core/config/alarms.ts';
import { AWS_REGIONS } from '../core/config/regions.ts';
import { RUNBOOK } from '../test/support/runbook.ts';
import { ACCOUNT, byType, type Json, one, synth, type Template } from './testing/templates.ts';

const EMPTY: Template = { Resources: {} };
const templates = synth({
  env: 'prod',
  account: ACCOUNT,
  regions: 'euw1,use1',
  alarmEmails: 'security@example.com, duty@example.com',
});
const edge = templates.get('nearput-prod-edge') ?? EMPTY;

describe.each(['euw1', 'use1'])('the alarms of %s', (code) => {
  const cell = templates.get(`nearput-prod-cell-${code}`) ?? EMPTY;
  const [topicId, topic] = one(cell, 'AWS::SNS::Topic');
  const alarm = (name: string): Json =>
    one(cell, 'AWS::CloudWatch::Alarm', ({ Properties }) => String(Properties['AlarmName']) === name)[1].Properties;

  it('ring within a minute of a withdrawn key set, and are silent where there are none', () => {
    expect(alarm('nearput-prod-key-set-withdrawn')).toMatchObject({
      Namespace: 'nearput',
      MetricName: 'KeySetWithdrawn',
      Dimensions: [{ Name: 'service', Value: 'refresher' }],
      Statistic: 'Sum',
      Period: 60,
      EvaluationPeriods: 1,
      Threshold: 1,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      TreatMissingData: 'notBreaching',
    });
  });

  it('ring after five minutes of an unconfirmed policy, and also when the refresher says nothing at all', () => {
    expect(alarm('nearput-prod-policy-unconfirmed')).toMatchObject({
      MetricName: 'PolicyUnconfirmed',
      Dimensions: [{ Name: 'service', Value: 'refresher' }],
      Statistic: 'Maximum',
      Period: 60,
      EvaluationPeriods: 5,
      DatapointsToAlarm: 5,
      Threshold: 1,
      TreatMissingData: 'breaching',
    });
  });

  it('reach the topic of their Region, which CloudWatch may send to, and those who were named', () => {
    expect(topic.Properties).toMatchObject({ TopicName: 'nearput-prod-alarms' });
    const alarms = byType(cell, 'AWS::CloudWatch::Alarm').map(([, { Properties }]) => Properties);
    expect(alarms).toHaveLength(Object.keys(ALARMS).length);
    for (const { AlarmActions, OKActions } of alarms) {
      expect([AlarmActions, OKActions]).toEqual([[{ Ref: topicId }], [{ Ref: topicId }]]);
    }
    const [, policy] = one(cell, 'AWS::SNS::TopicPolicy');
    const statements = (policy.Properties['PolicyDocument']?.['Statement'] ?? []) as unknown as Json[];
    const allowed = statements.filter(({ Effect }) => String(Effect) === 'Allow');
    expect(allowed).toMatchObject([
      {
        Action: 'sns:Publish',
        Principal: { Service: 'cloudwatch.amazonaws.com' },
        Condition: { StringEquals: { 'aws:SourceAccount': ACCOUNT } },
      },
    ]);
    const told = byType(cell, 'AWS::SNS::Subscription').map(([, { Properties }]) => String(Properties['Endpoint']));
    expect(told.sort()).toEqual(['duty@example.com', 'security@example.com']);
  });

  it('name a heading of the runbook, and the runbook names them', () => {
    for (const { AlarmName, AlarmDescription } of byType(cell, 'AWS::CloudWatch::Alarm').map(([, r]) => r.Properties)) {
      const heading = /docs\/runbook\.md, "([^"]+)"/.exec(String(AlarmDescription))?.[1];
      expect(RUNBOOK).toContain(`\n## ${heading}\n`);
      expect(RUNBOOK).toContain(String(AlarmName).replace('-prod-', '-ENV-'));
    }
  });
});

describe('the role of operators', () => {
  const [, role] = one(edge, 'AWS::IAM::Role', ({ Properties }) => 'RoleName' in Properties);
  const [policy] = role.Properties['Policies'] as unknown as { PolicyDocument: { Statement: Json[] } }[];
  const statements = (policy?.PolicyDocument.Statement ?? []) as unknown as {
    readonly Effect: string;
    readonly Action: string | readonly string[];
    readonly Resource: string | readonly string[];
  }[];
  const may = (action: string): readonly string[] =>
    statements
      .filter(({ Effect, Action }) => Effect === 'Allow' && [Action].flat().includes(action))
      .flatMap(({ Resource }) => Resource)
      .filter((resource) => resource.includes('eu-west-1'))
      .sort();
  const registry = `arn:aws:s3:::nearput-prod-registry-${ACCOUNT}-eu-west-1`;
  const uploads = `arn:aws:s3:::nearput-prod-${ACCOUNT}-eu-west-1`;

  it('has the name the runbook tells, and is for people of this account', () => {
    expect(role.Properties['RoleName']).toBe('nearput-prod-operator');
    expect(RUNBOOK).toContain('nearput-ENV-operator');
    const trust = JSON.stringify(role.Properties['AssumeRolePolicyDocument']);
    expect(trust).toContain(`:iam::${ACCOUNT}:root`);
    expect(trust).not.toContain('Service');
  });

  it('may write the policy and its audit log, read key sets, ask refreshers, and change bucket policies: nothing else', () => {
    const documents = [`${registry}/registry/audit/*`, `${registry}/registry/policy.json`];
    expect({
      put: may('s3:PutObject'),
      get: may('s3:GetObject'),
      versions: may('s3:GetObjectVersion'),
      list: may('s3:ListBucketVersions'),
      send: may('sqs:SendMessage'),
      cut: may('s3:PutBucketPolicy'),
    }).toEqual({
      put: documents,
      get: [`${registry}/registry/audit/*`, `${registry}/registry/keys.json`, `${registry}/registry/policy.json`],
      versions: documents,
      list: [registry],
      send: [`arn:aws:sqs:eu-west-1:${ACCOUNT}:nearput-prod-refresh.fifo`],
      cut: [uploads],
    });
    const actions = new Set(statements.filter(({ Effect }) => Effect === 'Allow').flatMap(({ Action }) => Action));
    expect([...actions].sort()).toEqual([
      's3:DeleteBucketPolicy',
      's3:GetBucketPolicy',
      's3:GetObject',
      's3:GetObjectVersion',
      's3:ListBucket',
      's3:ListBucketVersions',
      's3:PutBucketPolicy',
      's3:PutObject',
      'sqs:SendMessage',
    ]);
  });

  it('never reaches an upload, whatever a bucket policy allows', () => {
    const denied = statements.filter(({ Effect }) => Effect === 'Deny');
    expect(denied).toHaveLength(1);
    expect(denied[0]?.Action).toEqual(['s3:GetObject*', 's3:PutObject*', 's3:DeleteObject*']);
    expect(denied[0]?.Resource).toContain(`${uploads}/u/*`);
  });

  it('fits into one role with ten Regions', () => {
    const regions = AWS_REGIONS.slice(-10).map(({ code }) => code);
    const ten = synth({ env: 'abcdefghijkl', account: ACCOUNT, regions: regions.join(',') });
    const [, long] = one(
      ten.get('nearput-abcdefghijkl-edge') ?? EMPTY,
      'AWS::IAM::Role',
      ({ Properties }) => 'RoleName' in Properties,
    );
    // IAM counts all inline policies of a role without white space.
    expect(JSON.stringify(long.Properties['Policies']).length).toBeLessThan(10_240);
  });
});
