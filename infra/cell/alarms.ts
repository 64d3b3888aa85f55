import { Duration } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
import { ALARMS, type AlarmSetting, alarmName } from '../../core/config/alarms.ts';
import { METRICS_NAMESPACE } from '../../core/config/metrics.ts';
import type { CellNames } from '../../core/config/names.ts';
import type { DeploySettings } from '../settings.ts';

const MISSING = { breaching: TreatMissingData.BREACHING, notBreaching: TreatMissingData.NOT_BREACHING } as const;

/** Unencrypted, since CloudWatch may not use AWS's own key for SNS; a message holds an alarm's name and state. */
const alarmTopic = (scope: Construct, settings: DeploySettings, names: CellNames): Topic => {
  const topic = new Topic(scope, 'Alarms', { topicName: names.alarmTopic, enforceSSL: true });
  topic.addToResourcePolicy(
    new PolicyStatement({
      sid: 'Alarms',
      principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
      actions: ['sns:Publish'],
      resources: [topic.topicArn],
      conditions: { StringEquals: { 'aws:SourceAccount': settings.account } },
    }),
  );
  for (const address of settings.alarmEmails) topic.addSubscription(new EmailSubscription(address));
  return topic;
};

const refresherAlarm = (scope: Construct, id: string, env: string, setting: AlarmSetting): Alarm =>
  new Alarm(scope, `${id.charAt(0).toUpperCase()}${id.slice(1)}Alarm`, {
    alarmName: alarmName(env, setting),
    alarmDescription: `${setting.says} What to do: docs/runbook.md, "${setting.runbook}".`,
    metric: new Metric({
      namespace: METRICS_NAMESPACE,
      metricName: setting.metric,
      dimensionsMap: { service: 'refresher' },
      statistic: setting.statistic,
      period: Duration.seconds(setting.periodSeconds),
    }),
    comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    threshold: setting.threshold,
    evaluationPeriods: setting.periods,
    datapointsToAlarm: setting.periods,
    treatMissingData: MISSING[setting.missing],
  });

/** The alarms of a cell and the topic that hears of them, when they ring and when they are over. */
export const cellAlarms = (scope: Construct, settings: DeploySettings, names: CellNames): void => {
  const tell = new SnsAction(alarmTopic(scope, settings, names));
  for (const [id, setting] of Object.entries(ALARMS)) {
    const alarm = refresherAlarm(scope, id, settings.env, setting);
    alarm.addAlarmAction(tell);
    alarm.addOkAction(tell);
  }
};
