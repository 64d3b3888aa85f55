/** The figures of one k6 run: metric name to its values and thresholds. */
export type Metrics = Readonly<
  Record<
    string,
    {
      readonly values: Readonly<Record<string, number>>;
      readonly thresholds?: Readonly<Record<string, { readonly ok: boolean }>>;
    }
  >
>;

const milliseconds = (value: number | undefined): string => (value === undefined ? '–' : `${value.toFixed(1)}ms`);

const latency = (metrics: Metrics, name: string): string => {
  const values = metrics[name]?.values ?? {};
  return `${name} p50=${milliseconds(values['p(50)'])} p95=${milliseconds(values['p(95)'])} p99=${milliseconds(values['p(99)'])}`;
};

/** Every threshold that was crossed, as `metric: condition`. */
export const crossedThresholds = (metrics: Metrics): string[] =>
  Object.entries(metrics).flatMap(([name, { thresholds = {} }]) =>
    Object.entries(thresholds).flatMap(([condition, { ok }]) => (ok ? [] : [`${name}: ${condition}`])),
  );

/** Uploads that never started because every virtual user was still busy. */
export const droppedOf = (metrics: Metrics): number => metrics['dropped_iterations']?.values['count'] ?? 0;

/** The lines every load test prints: times per step, rate, dropped uploads. `peak` is uploads acknowledged in the best second. */
export const reportLines = (metrics: Metrics, peak: number): string[] => [
  latency(metrics, 'create'),
  latency(metrics, 'put'),
  latency(metrics, 'finalize'),
  `rate ${(metrics['iterations']?.values['rate'] ?? 0).toFixed(1)}/s on average, ${peak}/s at the peak`,
  `dropped ${droppedOf(metrics)}`,
];
