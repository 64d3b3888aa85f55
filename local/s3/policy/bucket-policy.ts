import { matchesPattern } from '../../support/credentials.ts';
import { fault, notImplemented, type S3Error } from '../errors.ts';

/** What a request is, as a bucket policy sees it. */
export interface Judged {
  /** As in `s3:GetObject`. */
  readonly action: string;
  /** ARN of the bucket or the object. */
  readonly resource: string;
  /** Where its signature came in. */
  readonly via: 'header' | 'query' | 'form';
}

interface Denial {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  /** Ways of signing it counts for; null: all. */
  readonly authTypes: readonly string[] | null;
}

/** Values of the condition key `s3:authType`. Source: Amazon S3 API reference, "Signature Version 4 policy keys". */
const AUTH_TYPES = { header: 'REST-HEADER', query: 'REST-QUERY-STRING', form: 'POST' } as const;

const malformed = (message: string): S3Error => fault('MalformedPolicy', { message });

/**
 * Reads a bucket policy: statements that deny everybody, with a condition on `s3:authType` or none. MalformedPolicy for what S3 would
 * not take; NotImplemented for what cannot be enforced here, so that nobody relies on it.
 */
export function parseBucketPolicy(text: string): readonly Denial[] {
  const policy = parseJson(text);
  if (!isRecord(policy)) throw malformed('Policies must be valid JSON and the first byte must be "{"');
  for (const name of Object.keys(policy)) {
    if (!['Version', 'Id', 'Statement'].includes(name)) throw malformed(`Unknown field ${name}`);
  }
  const { Version: version, Statement: statement } = policy;
  if (version !== '2012-10-17') throw notImplemented('a bucket policy of another version than 2012-10-17');
  const statements = Array.isArray(statement) ? statement : [statement];
  if (statements.length === 0) throw malformed('Could not parse the policy: Statement is empty!');
  return statements.map(parseStatement);
}

/** Whether a bucket's policy (as it was put; undefined: it has none) denies a request. */
export function isDenied(policy: string | undefined, { action, resource, via }: Judged): boolean {
  if (policy === undefined) return false;
  return parseBucketPolicy(policy).some(
    ({ actions, resources, authTypes }) =>
      actions.some((pattern) => matchesPattern(pattern.toLowerCase(), action.toLowerCase())) &&
      resources.some((pattern) => matchesPattern(pattern, resource)) &&
      (authTypes === null || authTypes.includes(AUTH_TYPES[via])),
  );
}

function parseStatement(statement: unknown): Denial {
  if (!isRecord(statement)) throw malformed('Statement must be a list of objects');
  const {
    Sid: sid,
    Effect: effect,
    Principal: principal,
    Action: action,
    Resource: resource,
    Condition,
    ...rest
  } = statement;
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) throw notImplemented(`${unknown} in a bucket policy`);
  if (sid !== undefined && !(typeof sid === 'string' && /^[A-Za-z0-9]*$/.test(sid))) throw malformed('Invalid Sid');
  if (effect !== 'Deny') throw notImplemented(`Effect ${String(effect)} in a bucket policy`);
  if (principal === undefined) throw malformed('Missing required field Principal');
  if (principal !== '*') throw notImplemented('a Principal other than "*" in a bucket policy');
  return {
    actions: patterns('Action', action),
    resources: patterns('Resource', resource),
    authTypes: authTypes(Condition),
  };
}

function patterns(name: string, value: unknown): readonly string[] {
  const list = Array.isArray(value) ? value : [value];
  if (list.length === 0) throw malformed(`Missing required field ${name}`);
  return list.map((item) => {
    if (typeof item !== 'string') throw malformed(`Missing required field ${name}`);
    if (/[?$]/.test(item)) throw notImplemented(`? and variables in ${name} of a bucket policy`);
    return item;
  });
}

function authTypes(condition: unknown): readonly string[] | null {
  if (condition === undefined) return null;
  const equals = isRecord(condition) && Object.keys(condition).length === 1 ? condition['StringEquals'] : undefined;
  const value = isRecord(equals) && Object.keys(equals).length === 1 ? equals['s3:authType'] : undefined;
  const list = Array.isArray(value) ? value : [value];
  const known: readonly unknown[] = Object.values(AUTH_TYPES);
  if (list.length === 0 || !list.every((item) => known.includes(item))) {
    throw notImplemented('a Condition other than StringEquals on s3:authType in a bucket policy');
  }
  return list;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
