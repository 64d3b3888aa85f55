import { describe, expect, it } from 'vitest';
import { prepareCase } from '../../core/identity/testing/case-world.ts';
import { CATALOGUE } from '../../test/support/hostile-tokens/catalogue.ts';
import type { Change } from '../../test/support/hostile-tokens/types.ts';
import { SILENT } from '../telemetry/telemetry.ts';
import { createAuthorize } from './authorize.ts';

const METHOD = 'arn:aws:execute-api:eu-west-1:000000000000:abc/live/POST/v1/documents';

/** What API Gateway is told of a case: the effect, and the code for its answer. */
const verdictOf = async (change: Change): Promise<readonly [string, string | undefined]> => {
  const { token, registry, nowMs } = prepareCase(change);
  const authorize = createAuthorize({
    registry: { get: async () => registry },
    now: () => nowMs,
    permission: 'uploads:create',
    budgetMs: 1_000,
    telemetry: SILENT,
  });
  const answer = await authorize({ methodArn: METHOD, multiValueHeaders: { Authorization: [`Bearer ${token}`] } });
  return [answer.policyDocument.Statement[0].Effect, answer.context['code']];
};

/** Spaces before a token belong to the header (RFC 6750, 2.1). */
const travels = ({ change }: { readonly change: Change }): boolean => !prepareCase(change).token.startsWith(' ');

describe.each(CATALOGUE)('the authorizer and hostile tokens: $family', ({ twins, hostile }) => {
  it.each(twins)('lets the good twin in: $name', async ({ change }) => {
    const [effect, code] = await verdictOf(change);
    if (effect === 'Deny') expect(code).toBe('permission_missing');
    else expect([effect, code]).toEqual(['Allow', undefined]);
  });

  it.each(hostile.filter(travels))('denies $name', async ({ change, code }) => {
    expect(await verdictOf(change)).toEqual(['Deny', code]);
  });
});
