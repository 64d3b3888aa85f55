import { randomUUID } from 'node:crypto';
import type { Clock } from '../support/clock.ts';
import type { Invocable } from './poller.ts';

export interface ScheduleOptions {
  readonly name: string;
  /** Seconds of the platform's clock between two runs. */
  readonly everySeconds: number;
  readonly account: string;
  /** AWS's Region name. */
  readonly region: string;
  readonly target: Invocable;
  readonly clock: Clock;
  readonly log: (line: string) => void;
}

export interface Schedule {
  /** Runs the target now, whatever the time; true: it succeeded. */
  fire(): Promise<boolean>;
  stop(): void;
}

const CHECK_MS = 500;

/** Runs a function at a fixed rate of the platform's clock; a clock that is moved past the next time runs it at once. */
export function startSchedule(options: ScheduleOptions): Schedule {
  const everyMs = options.everySeconds * 1000;
  let last = options.clock.now();

  async function fire(): Promise<boolean> {
    last = options.clock.now();
    const result = await options.target.invoke(scheduledEvent(options, last));
    if (!result.ok) options.log(`schedule ${options.name}: ${result.kind}: ${result.message}`);
    return result.ok;
  }

  const timer = setInterval(() => {
    const now = options.clock.now();
    if (now >= last + everyMs || now < last) void fire();
  }, CHECK_MS);
  return { fire, stop: () => clearInterval(timer) };
}

/** The event EventBridge sends. Source: Amazon EventBridge, "Scheduled events". */
function scheduledEvent({ name, account, region }: ScheduleOptions, now: number): object {
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': 'Scheduled Event',
    source: 'aws.events',
    account,
    time: new Date(now).toISOString().replace(/\.\d{3}Z$/, 'Z'),
    region,
    resources: [`arn:aws:events:${region}:${account}:rule/${name}`],
    detail: {},
  };
}
