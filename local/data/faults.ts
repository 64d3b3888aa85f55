/** A fault that the next matching requests meet. */
export interface FaultRule {
  readonly service: 'sqs' | 'dynamodb';
  /** AWS's Region name; absent: any. */
  readonly region?: string;
  /** API action such as `UpdateItem`; absent: any. */
  readonly action?: string;
  /** Queue or table name; absent: any. */
  readonly resource?: string;
  /**
   * `fail`: refused before it acts. `delay`: acts after `delayMs`. `drop`: acts, then the connection is cut instead of
   * an answer. `hang`: never acts, never answers.
   */
  readonly mode: 'fail' | 'delay' | 'drop' | 'hang';
  /** How many requests meet it (default 1). */
  readonly count?: number;
  /** For `delay`. */
  readonly delayMs?: number;
  /** For `fail`: HTTP status (default 500) and error code (default `InternalServerError`). */
  readonly status?: number;
  readonly code?: string;
}

/** A request as the fault rules see it. */
export interface FaultTarget {
  readonly service: 'sqs' | 'dynamodb';
  readonly region: string;
  readonly action: string;
  readonly resource: string;
}

export interface Faults {
  /** Adds a rule; earlier rules are met first. */
  add(rule: FaultRule): void;
  /** Removes every rule. */
  clear(): void;
  /** The rule this request meets, counted down. */
  take(target: FaultTarget): FaultRule | undefined;
}

const MODES = ['fail', 'delay', 'drop', 'hang'];

/** An empty list of faults. */
export function createFaults(): Faults {
  let rules: { readonly rule: FaultRule; left: number }[] = [];
  return {
    add(rule) {
      rules.push({ rule, left: rule.count ?? 1 });
    },
    clear() {
      rules = [];
    },
    take(target) {
      const met = rules.find(({ rule }) => fits(rule, target));
      if (!met) return undefined;
      met.left -= 1;
      if (met.left <= 0) rules = rules.filter((entry) => entry !== met);
      return met.rule;
    },
  };
}

/** Reads a rule from parsed JSON; a sentence says what is wrong. */
export function parseFaultRule(value: unknown): FaultRule | string {
  if (typeof value !== 'object' || value === null) return 'a fault is an object';
  const rule = value as Partial<Record<string, unknown>>;
  if (rule['service'] !== 'sqs' && rule['service'] !== 'dynamodb') return 'service is sqs or dynamodb';
  if (!MODES.includes(String(rule['mode']))) return `mode is one of ${MODES.join(', ')}`;
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
    rule.service === target.service &&
    (rule.region ?? target.region) === target.region &&
    (rule.action ?? target.action) === target.action &&
    (rule.resource ?? target.resource) === target.resource
  );
}
