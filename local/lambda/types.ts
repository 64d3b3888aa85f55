/** What a caller of the local Lambda gives and gets. */

/** A clock whose offset reaches the instances' `Date`. */
export type LambdaClock = {
  /** Seconds that this platform's time is ahead of the machine's. */
  offsetSeconds(): number;
};

/** What an instance is given at its start for a while: credentials that end. Times in milliseconds since the epoch. */
export type InstanceLease = {
  /** Laid over the function's environment. The instance sees nothing else of its lease. */
  readonly env: Readonly<Record<string, string>>;
  /** The instance takes events from this moment of the platform's clock … */
  readonly from: number;
  /** … and none from this one on: it is replaced. */
  readonly until: number;
};

export type FunctionOptions = {
  /** Function name as AWS knows it; an edge function's replica is `us-east-1.{name}`. */
  readonly name: string;
  /** Absolute path of the ES module to load. */
  readonly bundle: string;
  /** Exported name of the async handler. */
  readonly handler: string;
  /** The whole environment of the instances; nothing of the platform's own leaks in. */
  readonly env: Readonly<Record<string, string>>;
  /** Asked at every start of an instance. Missing: `env` is all, and no instance is replaced because of its age. */
  readonly lease?: () => InstanceLease;
  /** Memory of one instance in MB: heap and buffers together. */
  readonly memoryMb: number;
  /** Longest run of one event, in milliseconds; past it the instance is killed. */
  readonly timeoutMs: number;
  /** Most instances of this function at one time. */
  readonly maxInstances: number;
  /** Most events one instance takes per second (Lambda@Edge: 10); `null`: no limit. */
  readonly perInstanceRps: number | null;
  /**
   * How long an event may wait when no instance can be had, in milliseconds; then it is throttled. Default 0, as AWS: an
   * event waits only for a start of its own. More stands in for AWS's larger concurrency on a machine of a few cores.
   */
  readonly waitMs?: number;
  /**
   * Nobody waits for this function: its threads yield to all others. On AWS it has cores of its own; here it would take them from
   * those that answer callers. Default false.
   */
  readonly background?: boolean;
  /**
   * Its starts go before those of other functions. A function behind another one starts later than that and shares the cores with
   * the other's many starts, which on AWS happen elsewhere. Default false.
   */
  readonly startsFirst?: boolean;
  /** Folder in which V8's compiled code is kept between starts; missing: every start compiles. */
  readonly compileCache?: string;
  /** File to which instances append what they print. */
  readonly logPath: string;
  readonly clock: LambdaClock;
  /** Shared with other functions that draw on the same concurrency. */
  readonly pool?: InstancePool;
  /** Longest start of one instance, in milliseconds. Default 10,000, as Lambda. */
  readonly initTimeoutMs?: number;
};

export type InvokeContext = {
  /** The request id the handler sees; made up when missing. */
  readonly awsRequestId?: string;
};

export type InvokeFailure = 'throttled' | 'timeout' | 'error' | 'memory';

/** `durationMs` is the handler's own run time, without the wait for a start. */
export type InvokeResult =
  | { readonly ok: true; readonly payload: unknown; readonly durationMs: number; readonly coldStart: boolean }
  | { readonly ok: false; readonly kind: InvokeFailure; readonly message: string };

export type FunctionStats = {
  readonly instances: number;
  readonly coldStarts: number;
  readonly invocations: number;
  readonly throttles: number;
  readonly errors: number;
  /** Events that had to wait for an instance. */
  readonly waits: number;
};

export type LambdaFunction = {
  /** Runs the handler on `event` (passed as JSON text). Never rejects: every failure is a result. */
  invoke(event: unknown, context?: InvokeContext): Promise<InvokeResult>;
  stats(): FunctionStats;
  /** Kills all instances; events under way answer `error`. */
  stop(): Promise<void>;
};

/** Concurrency that several functions share: a full pool takes the place of an idle instance of another of them. */
export type InstancePool = {
  /** Registers a function by how it gives up one idle instance (`false`: it has none), and gives it its own access. */
  join(evictIdle: () => boolean): PoolMember;
};

export type PoolMember = {
  /** Takes one place; `false`: all are in use. */
  take(): boolean;
  /** Gives one place back. */
  release(): void;
};
