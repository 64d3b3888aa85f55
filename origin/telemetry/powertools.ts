import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { METRICS_NAMESPACE } from '../../core/config/metrics.ts';
import type { Dimensions, Telemetry } from './telemetry.ts';

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));

/** JSON log lines and CloudWatch's embedded metric format, by Powertools. `service` is the function's short name. */
export const createPowertools = (service: string): Telemetry => {
  const logger = new Logger({ serviceName: service });
  const metrics = new Metrics({ namespace: METRICS_NAMESPACE, serviceName: service });
  const emit = (name: string, unit: (typeof MetricUnit)[keyof typeof MetricUnit], value: number, by: Dimensions) => {
    const single = metrics.singleMetric();
    for (const [dimension, text] of Object.entries(by)) single.addDimension(dimension, text);
    single.addMetric(name, unit, value);
  };
  return {
    log: {
      info: (message, fields) => logger.info(message, { ...fields }),
      warn: (message, fields) => logger.warn(message, { ...fields }),
      error: (message, error, fields) => logger.error(message, { ...fields, error: asError(error) }),
    },
    measure: {
      count: (name, dimensions) => emit(name, MetricUnit.Count, 1, dimensions),
      milliseconds: (name, value, dimensions) => emit(name, MetricUnit.Milliseconds, value, dimensions),
    },
  };
};
