import { setTimeout as sleep } from 'node:timers/promises';
import {
  createFaultRules,
  type FaultRuleBase,
  faultOfRule,
  type FaultTarget as Target,
} from '../../support/fault-rules.ts';
import { fault, S3Error } from '../errors.ts';
import { errorDocument } from '../xml.ts';
import { isByteSource } from './byte-source.ts';
import type { Reply } from './call.ts';

const MODES = ['fail', 'delay', 'drop', 'hang', 'error-in-200', 'lie-in-200'] as const;

/**
 * A fault that the next matching requests meet. `fail`: refused before it acts (default 503 `SlowDown`). `delay`: acts after `delayMs`.
 * `drop`: acts, then the connection is cut instead of an answer. `hang`: never acts, never answers. `error-in-200`: does not act, answers
 * 200 with an error document, as S3 may when it began to answer before it failed. `lie-in-200`: acts, then answers like that.
 */
export type FaultRule = FaultRuleBase<'s3', (typeof MODES)[number]>;

/** A request as the fault rules see it. */
export type FaultTarget = Omit<Target<'s3'>, 'service'>;

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
  const rules = createFaultRules<'s3', FaultRule>();
  return {
    add: rules.add,
    clear: rules.clear,
    async around(target, act) {
      const rule = rules.take({ service: 's3', ...target });
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
export const parseFaultRule = (value: unknown): FaultRule | string =>
  faultOfRule(value, ['s3'], MODES) ?? (value as FaultRule);

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
