import { ORIGIN_METRICS } from './metrics.ts';

/** One alarm of every Region, on a metric of the refresher that it writes without further dimensions. */
export type AlarmSetting = {
  /** Its name after `nearput-{env}-`. */
  readonly name: string;
  readonly metric: string;
  readonly statistic: 'Sum' | 'Maximum';
  /** Breached at this value and above. */
  readonly threshold: number;
  readonly periodSeconds: number;
  /** Periods in a row that must breach. */
  readonly periods: number;
  /** What a period without any figure means. */
  readonly missing: 'breaching' | 'notBreaching';
  /** What has happened, in one sentence. */
  readonly says: string;
  /** The heading of docs/runbook.md that says what to do. */
  readonly runbook: string;
};

/** The alarms of the issuer registry. */
export const ALARMS = {
  keySetWithdrawn: {
    name: 'key-set-withdrawn',
    metric: ORIGIN_METRICS.keySetWithdrawn,
    statistic: 'Sum',
    threshold: 1,
    periodSeconds: 60,
    periods: 1,
    missing: 'notBreaching',
    says: 'An issuer publishes none of the keys it had.',
    runbook: 'Alarm: an issuer publishes none of its keys',
  },
  policyUnconfirmed: {
    name: 'policy-unconfirmed',
    metric: ORIGIN_METRICS.policyUnconfirmed,
    statistic: 'Maximum',
    threshold: 1,
    periodSeconds: 60,
    periods: 5,
    missing: 'breaching',
    says: "For 5 minutes this Region's registry was not found to be as new as another Region's.",
    runbook: 'Alarm: a Region cannot confirm its policy',
  },
} as const satisfies Readonly<Record<string, AlarmSetting>>;

/** Name of an alarm of one environment; alarms of different Regions have the same. */
export const alarmName = (env: string, { name }: AlarmSetting): string => `nearput-${env}-${name}`;
