import * as v from 'valibot';
import { Problem, type ProblemFault } from './problems.ts';

/** JSON pointer of a valibot issue (RFC 6901). */
export const pointerOf = (issue: v.BaseIssue<unknown>): string =>
  (issue.path ?? []).map(({ key }) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

const sentenceOf = (issue: v.BaseIssue<unknown>): string => {
  if (issue.type === 'strict_object' && issue.expected === 'never') return 'is not a member of this request';
  if (issue.received === 'undefined') return 'is required';
  return issue.message;
};

/** All faults of a failed parse: one pointer and sentence each. */
export const faultsOf = (issues: readonly v.BaseIssue<unknown>[]): ProblemFault[] =>
  issues.map((issue) => ({ path: pointerOf(issue), message: sentenceOf(issue) }));

/** `request_invalid` with these faults. */
export const requestInvalid = (errors: readonly ProblemFault[]): Problem => {
  const list = errors.map(({ path, message }) => `${path === '' ? 'the body' : path} ${message}`).join('; ');
  return new Problem('request_invalid', `Change the request: ${list}.`, { errors });
};

/** Parses `value`; throws `request_invalid` with every fault at once. */
export const parseRequest = <Schema extends v.GenericSchema>(schema: Schema, value: unknown): v.InferOutput<Schema> => {
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  throw requestInvalid(faultsOf(result.issues));
};
