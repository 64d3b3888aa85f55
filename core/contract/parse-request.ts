import * as v from 'valibot';
import { Problem, type ProblemFault } from './problems.ts';

/** JSON pointer of a valibot issue (RFC 6901). */
export const pointerOf = (issue: v.BaseIssue<unknown>): string =>
  (issue.path ?? []).map(({ key }) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

const NO_OBJECT = 'must be an object';

const sentenceOf = (issue: v.BaseIssue<unknown>): string => {
  if (issue.type === 'strict_object' && issue.expected === 'never') return 'is not a member of this request';
  if (issue.received === 'undefined') return 'is required';
  return issue.type === 'strict_object' ? NO_OBJECT : issue.message;
};

/** All faults of a failed parse: one pointer and sentence each. */
export const faultsOf = (issues: readonly v.BaseIssue<unknown>[]): ProblemFault[] =>
  issues.map((issue) => ({ path: pointerOf(issue), message: sentenceOf(issue) }));

/** `request_invalid` with these faults. */
export const requestInvalid = (errors: readonly ProblemFault[]): Problem => {
  const list = errors.map(({ path, message }) => `${path === '' ? 'the body' : path} ${message}`).join('; ');
  return new Problem('request_invalid', `Change the request: ${list}.`, { errors });
};

/** Parses a body, which is an object; throws `request_invalid` with every fault at once. */
export const parseRequest = <Schema extends v.GenericSchema>(schema: Schema, value: unknown): v.InferOutput<Schema> => {
  // A list would pass for an object that has none of the members.
  if (Array.isArray(value)) throw requestInvalid([{ path: '', message: NO_OBJECT }]);
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  throw requestInvalid(faultsOf(result.issues));
};
