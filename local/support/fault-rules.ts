/** What every rule of an injected fault says, whichever service it is for. */
export interface FaultRuleBase<Service extends string, Mode extends string> {
  readonly service: Service;
  /** AWS's Region name; absent: any. */
  readonly region?: string;
  /** API action, such as `UploadPart`; absent: any. */
  readonly action?: string;
  /** Bucket, queue or table name; absent: any. */
  readonly resource?: string;
  readonly mode: Mode;
  /** How many requests meet it (default 1). */
  readonly count?: number;
  /** For `delay`. */
  readonly delayMs?: number;
  /** For `fail`: HTTP status and error code. */
  readonly status?: number;
  readonly code?: string;
}

/** A request as fault rules see it. */
export interface FaultTarget<Service extends string> {
  readonly service: Service;
  readonly region: string;
  readonly action: string;
  readonly resource: string;
}

export interface FaultRules<Service extends string, Rule extends FaultRuleBase<Service, string>> {
  /** Adds a rule; earlier rules are met first. */
  add(rule: Rule): void;
  /** Removes every rule. */
  clear(): void;
  /** The rule this request meets, counted down. */
  take(target: FaultTarget<Service>): Rule | undefined;
}

/** An empty list of rules. */
export function createFaultRules<Service extends string, Rule extends FaultRuleBase<Service, string>>(): FaultRules<
  Service,
  Rule
> {
  let rules: { readonly rule: Rule; left: number }[] = [];
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

/** What is wrong with parsed JSON as a rule for these services and modes, in a sentence; null: nothing. */
export function faultOfRule(value: unknown, services: readonly string[], modes: readonly string[]): string | null {
  if (typeof value !== 'object' || value === null) return 'a fault is an object';
  const rule = value as Partial<Record<string, unknown>>;
  if (!services.includes(String(rule['service']))) return `service is ${services.join(' or ')}`;
  if (!modes.includes(String(rule['mode']))) return `mode is one of ${modes.join(', ')}`;
  for (const name of ['region', 'action', 'resource', 'code']) {
    if (rule[name] !== undefined && typeof rule[name] !== 'string') return `${name} is a string`;
  }
  for (const name of ['count', 'delayMs', 'status']) {
    if (rule[name] !== undefined && !Number.isSafeInteger(rule[name])) return `${name} is a whole number`;
  }
  return null;
}

function fits<Service extends string>(rule: FaultRuleBase<Service, string>, target: FaultTarget<Service>): boolean {
  return (
    rule.service === target.service &&
    (rule.region ?? target.region) === target.region &&
    (rule.action ?? target.action) === target.action &&
    (rule.resource ?? target.resource) === target.resource
  );
}
