import { setTimeout as sleep } from 'node:timers/promises';
import { fault, S3Error } from '../errors.ts';
import { errorDocument } from '../xml.ts';
import { isByteSource } from './byte-source.ts';
import type { Reply } from './call.ts';

/** A fault that the next matching requests meet. */
export interface FaultRule {
  readonly service: 's3';
  /** AWS's Region name; absent: any. */
  readonly region?: string;
  /** S3's name of the operation, such as `UploadPart`; absent: any. */
  readonly action?: string;
  /** Bucket; absent: any. */
  readonly resource?: string;
  /**
   * `fail`: refused before it acts. `delay`: acts after `delayMs`. `drop`: acts, then the connection is cut instead of
   * an answer. `hang`: never acts, never answers. `error-in-200`: does not act, answers 200 with an error document, as S3
   * may when it began to answer before it failed. `lie-in-200`: acts, then answers like that.
   */
  readonly mode: 'fail' | 'delay' | 'drop' | 'hang' | 'error-in-200' | 'lie-in-200';
  /** How many requests meet it (default 1). */
  readonly count?: number;
  /** For `delay`. */
  readonly delayMs?: number;
  /** For `fail`: HTTP status (default 503) and error code (default `SlowDown`). */
  readonly status?: number;
  readonly code?: string;
}

const MODES: readonly unknown[] = ['fail', 'delay', 'drop', 'hang', 'error-in-200', 'lie-in-200'];

/** A request as the fault rules see it. */
export interface FaultTarget {
  readonly region: string;
  readonly action: string;
  readonly resource: string;
}

export interface Faults {
  /** Adds a rule; earlier rules are met first. */
  add(rule: FaultRule): void;
  /** Removes every rule. */
  clear(): void;
  /** Runs `act` as the rule wants it that this request meets; null: no answer is to be sent, the connection is to be cut. */
  around(target: FaultTarget, act: () => Promise<Reply>): Promise<Reply | null>;
}

/** An empty list of faults. */
export function createFaults(): Faults {
  let rules: { readonly rule: FaultRule; left: number }[] = [];

  function take(target: FaultTarget): FaultRule | undefined {
    const met = rules.find(({ rule }) => fits(rule, target));
    if (!met) return undefined;
    met.left -= 1;
    if (met.left <= 0) rules = rules.filter((entry) => entry !== met);
    return met.rule;
  }

  return {
    add(rule) {
      rules.push({ rule, left: rule.count ?? 1 });
    },
    clear() {
      rules = [];
    },
    async around(target, act) {
      const rule = take(target);
      switch (rule?.mode) {
        case undefined:
          return act();
        case 'fail':
          throw failure(rule);
        case 'delay':
          await sleep(rule.delayMs ?? 0);
          return act();
        case 'drop':
          await discard(await act());
          return null;
        case 'hang':
          return new Promise(() => {});
        case 'error-in-200':
          return errorIn200();
        case 'lie-in-200':
          await discard(await act());
          return errorIn200();
      }
    },
  };
}

/** Reads a rule from parsed JSON; a sentence says what is wrong. */
export function parseFaultRule(value: unknown): FaultRule | string {
  if (typeof value !== 'object' || value === null) return 'a fault is an object';
  const rule = value as Partial<Record<string, unknown>>;
  if (rule['service'] !== 's3') return 'service is s3';
  if (!MODES.includes(rule['mode'])) return `mode is one of ${MODES.join(', ')}`;
  for (const name of ['region', 'action', 'resource', 'code']) {
    if (rule[name] !== undefined && typeof rule[name] !== 'string') return `${name} is a string`;
  }
  for (const name of ['count', 'delayMs', 'status']) {
    if (rule[name] !== undefined && !Number.isSafeInteger(rule[name])) return `${name} is a whole number`;
  }
  return value as FaultRule;
}

function fits(rule: FaultRule, target: FaultTarget): boolean {
  return (
    (rule.region ?? target.region) === target.region &&
    (rule.action ?? target.action) === target.action &&
    (rule.resource ?? target.resource) === target.resource
  );
}

async function discard({ body }: Reply): Promise<void> {
  if (isByteSource(body)) await body.release();
}

function failure({ code, status }: FaultRule): S3Error {
  if (code === undefined && status === undefined) return fault('SlowDown');
  return new S3Error(code ?? 'InternalError', status ?? 500, 'A fault that was asked for.');
}

function errorIn200(): Reply {
  const { code, message } = fault('InternalError');
  return {
    status: 200,
    headers: { 'content-type': 'application/xml' },
    body: errorDocument({ Code: code, Message: message }),
  };
}
