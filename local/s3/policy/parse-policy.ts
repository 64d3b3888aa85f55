import { fault } from '../errors.ts';

/** A form's policy, well-formed, its signature known to fit. */
export interface PostPolicy {
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
  readonly conditions: readonly PolicyCondition[];
}

export type PolicyCondition =
  | {
      readonly kind: 'eq' | 'starts-with';
      /** Lower case, without `$`. */
      readonly field: string;
      readonly value: string;
    }
  /** Bytes of the file, both ends included. */
  | { readonly kind: 'content-length-range'; readonly min: number; readonly max: number };

const invalid = (what: string) => fault('InvalidPolicyDocument', { message: `Invalid Policy: ${what}` });

/**
 * Reads the policy of a form from its Base64 text; InvalidPolicyDocument when it is not one.
 * Source: Amazon S3 API reference, "POST policy".
 */
export function parsePolicy(base64: string): PostPolicy {
  const document = parseJson(decodeBase64(base64));
  if (!isRecord(document)) throw invalid('Invalid JSON.');
  const unexpected = Object.keys(document).find((name) => name !== 'expiration' && name !== 'conditions');
  if (unexpected !== undefined) throw invalid(`Unexpected: '${unexpected}'`);
  const { expiration, conditions } = document;
  if (expiration === undefined) throw invalid('Policy missing expiration.');
  if (conditions === undefined) throw invalid('Policy missing conditions.');
  if (!Array.isArray(conditions)) throw invalid("Invalid 'conditions' value: must be a List.");
  return { expiresAt: parseExpiration(expiration), conditions: conditions.map(parseCondition) };
}

function decodeBase64(text: string): string {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length === 0 || bytes.toString('base64').replace(/=+$/, '') !== text.trim().replace(/=+$/, '')) {
    throw invalid('invalid Base64 encoding.');
  }
  return bytes.toString('utf8');
}

/** JSON in which, beyond its own escapes, `\$` stands for a dollar sign and `\v` for a vertical tab. */
function parseJson(text: string): unknown {
  const json = text.replace(/\\(.)/gs, (pair, char: string) => {
    if (char === '$') return '$';
    return char === 'v' ? '\\u000b' : pair;
  });
  try {
    return JSON.parse(json);
  } catch {
    throw invalid('Invalid JSON.');
  }
}

function parseExpiration(value: unknown): number {
  const time =
    typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/.test(value)
      ? Date.parse(value)
      : Number.NaN;
  if (Number.isNaN(time)) throw invalid(`Invalid 'expiration' value: '${String(value)}'`);
  return time;
}

function parseCondition(value: unknown): PolicyCondition {
  if (Array.isArray(value)) return parseListCondition(value);
  if (!isRecord(value)) throw invalid('Invalid condition test: must be a List or Object.');
  const [entry, ...more] = Object.entries(value);
  if (!entry || more.length > 0) {
    throw invalid('Invalid Simple-Condition: Simple-Conditions must have exactly one property specified.');
  }
  const [field, wanted] = entry;
  if (typeof wanted !== 'string') throw invalid('Invalid Simple-Condition: value must be a string.');
  return { kind: 'eq', field: field.toLowerCase(), value: wanted };
}

function parseListCondition(list: readonly unknown[]): PolicyCondition {
  const [operation, first, second] = list;
  if (typeof operation !== 'string') throw invalid('Invalid Condition: missing operation identifier.');
  const kind = operation.toLowerCase();
  if (kind !== 'eq' && kind !== 'starts-with' && kind !== 'content-length-range') {
    throw invalid(`Invalid Condition: unknown operation '${operation}'.`);
  }
  if (list.length !== 3) throw invalid(`Invalid ${kind}: wrong number of arguments.`);
  if (kind === 'content-length-range') return { kind, min: parseLength(first), max: parseLength(second) };
  if (typeof first !== 'string' || !first.startsWith('$') || first.length < 2) {
    throw invalid(`Invalid ${kind}: a field is named with a $ before it.`);
  }
  if (typeof second !== 'string' && typeof second !== 'number')
    throw invalid(`Invalid ${kind}: value must be a string.`);
  return { kind, field: first.slice(1).toLowerCase(), value: String(second) };
}

function parseLength(value: unknown): number {
  const text = String(value);
  if (!/^\d{1,15}$/.test(text) || !(typeof value === 'number' || typeof value === 'string')) {
    throw invalid('Invalid content-length-range: both ends must be whole numbers of bytes.');
  }
  return Number(text);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
