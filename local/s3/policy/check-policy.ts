import { fault, type S3Error } from '../errors.ts';
import type { PolicyCondition, PostPolicy } from './parse-policy.ts';

/** A form, its fields by lower-case name with `${filename}` replaced. */
export interface PolicyForm {
  readonly bucket: string;
  readonly fields: ReadonlyMap<string, string>;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Bytes the file may have. */
export interface LengthRange {
  readonly min: number;
  readonly max: number;
}

const denied = (why: string): S3Error => fault('AccessDenied', { message: `Invalid according to Policy: ${why}` });

/**
 * Whether the policy allows the form: not expired, every condition met, every field covered by one. AccessDenied with
 * S3's reason when not; else the range the file has to keep to. Source: Amazon S3 API reference, "POST policy".
 */
export function checkPolicy(policy: PostPolicy, form: PolicyForm): LengthRange {
  if (form.now > policy.expiresAt) throw denied('Policy expired.');
  for (const condition of policy.conditions) {
    if (!isMet(condition, form)) throw denied(`Policy Condition failed: ${textOf(condition)}`);
  }
  const covered = new Set(policy.conditions.flatMap((one) => (one.kind === 'content-length-range' ? [] : [one.field])));
  const extra = ['bucket', ...form.fields.keys()].filter((name) => !covered.has(name) && !needsNone(name));
  if (extra.length > 0) throw denied(`Extra input fields: ${extra.join(', ')}`);
  return rangeOf(policy);
}

/** Fields that no condition has to name. */
function needsNone(field: string): boolean {
  return ['x-amz-signature', 'policy', 'file'].includes(field) || field.startsWith('x-ignore-');
}

function isMet(condition: PolicyCondition, { bucket, fields }: PolicyForm): boolean {
  if (condition.kind === 'content-length-range') return true; // the file is still to come
  const { kind, field, value } = condition;
  const given = field === 'bucket' ? bucket : fields.get(field);
  if (given === undefined) return false;
  if (kind === 'eq') return given === value;
  if (field !== 'content-type') return given.startsWith(value);
  return given.split(',').every((type) => type.trim().startsWith(value));
}

function textOf(condition: PolicyCondition): string {
  if (condition.kind === 'content-length-range') return JSON.stringify(Object.values(condition));
  return JSON.stringify([condition.kind, `$${condition.field}`, condition.value]);
}

function rangeOf({ conditions }: PostPolicy): LengthRange {
  let [min, max] = [0, Number.POSITIVE_INFINITY];
  for (const condition of conditions) {
    if (condition.kind !== 'content-length-range') continue;
    min = Math.max(min, condition.min);
    max = Math.min(max, condition.max);
  }
  return { min, max };
}
