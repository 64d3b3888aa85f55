import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { METRICS_NAMESPACE } from '../../core/config/metrics.ts';
import type { Dimensions, Telemetry } from './telemetry.ts';

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));

type Unit = (typeof MetricUnit)[keyof typeof MetricUnit];
type Figure = { readonly name: string; readonly unit: Unit; readonly value: number };

/** Figures kept until they are published: one line for each set of dimensions, however often it was counted. */
const createFigures = (metrics: Metrics) => {
  const kept = new Map<string, { readonly by: Dimensions; readonly figures: Figure[] }>();
  return {
    keep: (figure: Figure, by: Dimensions): void => {
      const key = JSON.stringify(by);
      const group = kept.get(key) ?? { by, figures: [] };
      group.figures.push(figure);
      kept.set(key, group);
    },
    publish: (): void => {
      for (const { by, figures } of kept.values()) {
        metrics.addDimensions(by);
        for (const { name, unit, value } of figures) metrics.addMetric(name, unit, value);
        metrics.publishStoredMetrics();
      }
      kept.clear();
    },
  };
};

/** JSON log lines and CloudWatch's embedded metric format, by Powertools. `service` is the function's short name. */
export const createPowertools = (service: string): Telemetry => {
  const logger = new Logger({ serviceName: service });
  const figures = createFigures(new Metrics({ namespace: METRICS_NAMESPACE, serviceName: service }));
  return {
    log: {
      info: (message, fields) => logger.info(message, { ...fields }),
      warn: (message, fields) => logger.warn(message, { ...fields }),
      error: (message, error, fields) => logger.error(message, { ...fields, error: asError(error) }),
    },
    measure: {
      count: (name, dimensions) => figures.keep({ name, unit: MetricUnit.Count, value: 1 }, dimensions),
      milliseconds: (name, value, dimensions) =>
        figures.keep({ name, unit: MetricUnit.Milliseconds, value }, dimensions),
      number: (name, value, dimensions) => figures.keep({ name, unit: MetricUnit.Count, value }, dimensions),
    },
    publish: figures.publish,
  };
};
