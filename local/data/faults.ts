import { createFaultRules, type FaultRuleBase, type FaultRules, faultOfRule } from '../support/fault-rules.ts';

const SERVICES = ['sqs', 'dynamodb'] as const;
const MODES = ['fail', 'delay', 'drop', 'hang'] as const;

type Service = (typeof SERVICES)[number];

/**
 * A fault that the next matching requests meet. `fail`: refused before it acts (default 500 `InternalServerError`). `delay`: acts after
 * `delayMs`. `drop`: acts, then the connection is cut instead of an answer. `hang`: never acts, never answers.
 */
export type FaultRule = FaultRuleBase<Service, (typeof MODES)[number]>;

export type Faults = FaultRules<Service, FaultRule>;

/** An empty list of faults. */
export const createFaults = (): Faults => createFaultRules<Service, FaultRule>();

/** Reads a rule from parsed JSON; a sentence says what is wrong. */
export const parseFaultRule = (value: unknown): FaultRule | string =>
  faultOfRule(value, SERVICES, MODES) ?? (value as FaultRule);
