/** Facts of one log line; never a token, key, signature or signed query. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Where a hop writes what operators see. */
export type Log = {
  info(message: string, fields: LogFields): void;
  warn(message: string, fields: LogFields): void;
  /** With the stack and causes of `error`. */
  error(message: string, error: unknown, fields: LogFields): void;
};

/** Dimensions hold configured ids and names of ours only. */
export type Dimensions = Readonly<Record<string, string>>;

/** Where a hop counts and measures; names are those of `METRICS`. */
export type Measure = {
  count(name: string, dimensions: Dimensions): void;
  milliseconds(name: string, value: number, dimensions: Dimensions): void;
  /** A figure without a unit of time. */
  number(name: string, value: number, dimensions: Dimensions): void;
};

export type Telemetry = {
  readonly log: Log;
  readonly measure: Measure;
  /** Writes what was counted and measured; called once at the end of every invocation, because a Lambda freezes after its answer. */
  readonly publish: () => void;
};

/** Says and measures nothing. */
export const SILENT: Telemetry = {
  log: { info: () => undefined, warn: () => undefined, error: () => undefined },
  measure: { count: () => undefined, milliseconds: () => undefined, number: () => undefined },
  publish: () => undefined,
};
