import { describe, expect, it } from 'vitest';
import { Problem } from '../../core/contract/problems.ts';
import {
  createTestEntry,
  createTestIssuer,
  createTestRegistry,
  NOW_MS,
  signToken,
} from '../../core/identity/testing/issuers.ts';
import { type LogFields, SILENT } from '../telemetry/telemetry.ts';
import { createAuthorize } from './authorize.ts';

const ISSUER = createTestIssuer('acme', 'ES256');
const ARN = 'arn:aws:execute-api:eu-west-1:000000000000:abc/live/POST/v1/documents';
const registry = createTestRegistry([createTestEntry(ISSUER)]);
const lines: LogFields[] = [];
const counts: unknown[] = [];
const authorize = createAuthorize({
  registry: { get: async () => registry },
  now: () => NOW_MS,
  permission: 'documents:create',
  budgetMs: 1_000,
  telemetry: {
    ...SILENT,
    log: { ...SILENT.log, info: (_, fields) => void lines.push(fields) },
    measure: { ...SILENT.measure, count: (name, by) => void counts.push([name, by]) },
  },
});
const good = signToken(ISSUER, { claims: { scope: 'documents:create' } });

const effect = async (headers: Record<string, string | undefined>) => {
  const { policyDocument, context } = await authorize({ methodArn: ARN, headers });
  return `${policyDocument.Statement[0].Effect} ${context['code'] ?? ''}`.trim();
};

describe('the authorizer', () => {
  it('lets a good token do exactly this, and says whose it is', async () => {
    const answer = await authorize({ methodArn: ARN, headers: { Authorization: `Bearer ${good}` } });
    expect(answer.policyDocument.Statement).toEqual([{ Action: 'execute-api:Invoke', Effect: 'Allow', Resource: ARN }]);
    expect(answer.context).toEqual({ issuerId: 'acme', ownerKey: answer.principalId });
    expect(answer.principalId).toMatch(/^[a-z2-7]{32}$/);
  });

  it.each([
    ['no header', {}, 'Deny token_missing'],
    ['another scheme', { Authorization: `Basic ${good}` }, 'Deny token_malformed'],
    ['a changed token', { Authorization: `Bearer ${good.slice(0, -4)}AAAA` }, 'Deny token_untrusted'],
    ['a token without the permission', { Authorization: `Bearer ${signToken(ISSUER)}` }, 'Deny permission_missing'],
  ])('denies %s', async (_name, headers, expected) => {
    expect(await effect(headers)).toBe(expected);
  });

  it('tells whose token it was, and what became of it', async () => {
    await effect({ Authorization: `Bearer ${signToken(ISSUER, { header: { kid: 'gone\u2028' } })}` });
    expect(lines.at(-1)).toEqual({
      issuer: 'acme',
      kid: 'gone\\u2028',
      code: 'token_untrusted',
      refusal: 'kid_unknown',
      tokenId: 'PwiqzhIu4jaE',
    });
    expect(counts.at(-1)).toEqual(['Tokens', { issuer: 'acme', tokenClass: 'kid_unknown' }]);
  });

  it('tells of a header without a token too', async () => {
    await effect({ Authorization: `Basic ${good}` });
    expect(lines.at(-1)).toEqual({
      issuer: 'unknown',
      kid: null,
      code: 'token_malformed',
      refusal: 'scheme_not_bearer',
      tokenId: null,
    });
    expect(counts.at(-1)).toEqual(['Tokens', { issuer: 'unknown', tokenClass: 'scheme_not_bearer' }]);
  });

  it('denies a header that came twice', async () => {
    const multiValueHeaders = { authorization: [`Bearer ${good}`, `Bearer ${good}`] };
    const { policyDocument } = await authorize({ methodArn: ARN, multiValueHeaders });
    expect(policyDocument.Statement[0].Effect).toBe('Deny');
  });

  it('lets nobody in when nobody can be checked', async () => {
    const blind = createAuthorize({
      registry: { get: () => Promise.reject(new Problem('registry_unavailable', 'no registry')) },
      now: () => NOW_MS,
      permission: 'documents:create',
      budgetMs: 1_000,
      telemetry: SILENT,
    });
    await expect(blind({ methodArn: ARN, headers: { Authorization: `Bearer ${good}` } })).rejects.toThrow(
      'no registry',
    );
  });
});
