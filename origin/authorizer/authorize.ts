import { ORIGIN_METRICS } from '../../core/config/metrics.ts';
import type { Permission } from '../../core/contract/states.ts';
import { readAuthorization } from '../../core/identity/authorization-header.ts';
import type { RegistrySource } from '../../core/identity/registry-source.ts';
import { type Verification, verifyToken } from '../../core/identity/verify-token.ts';
import { escapeUnverified } from '../telemetry/escape.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';

/** What we read of a REST API's REQUEST authorizer event. */
export type AuthorizerEvent = {
  readonly methodArn: string;
  readonly headers?: Readonly<Record<string, string | undefined>> | null;
  readonly multiValueHeaders?: Readonly<Record<string, readonly string[] | undefined>> | null;
};

/** What API Gateway is told. `context` reaches the integration and is never a client's to set. */
export type AuthorizerAnswer = {
  readonly principalId: string;
  readonly policyDocument: {
    readonly Version: '2012-10-17';
    readonly Statement: readonly [
      { readonly Action: 'execute-api:Invoke'; readonly Effect: 'Allow' | 'Deny'; readonly Resource: string },
    ];
  };
  readonly context: Readonly<Record<string, string>>;
};

const answer = (
  effect: 'Allow' | 'Deny',
  resource: string,
  principalId: string,
  context: Readonly<Record<string, string>>,
): AuthorizerAnswer => ({
  principalId,
  policyDocument: {
    Version: '2012-10-17',
    Statement: [{ Action: 'execute-api:Invoke', Effect: effect, Resource: resource }],
  },
  context,
});

const authorizationValues = (event: AuthorizerEvent): readonly string[] => {
  const many = Object.entries(event.multiValueHeaders ?? {}).filter(([name]) => name.toLowerCase() === 'authorization');
  if (many.length > 0) return many.flatMap(([, values]) => values ?? []);
  return Object.entries(event.headers ?? {})
    .filter(([name]) => name.toLowerCase() === 'authorization')
    .flatMap(([, value]) => (value === undefined ? [] : [value]));
};

export type AuthorizerDeps = {
  readonly registry: Pick<RegistrySource, 'get'>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly permission: Permission;
  readonly budgetMs: number;
  readonly telemetry: Telemetry;
};

/** One line and one count for each token: issuer, key, class and a short hash of its `jti`. */
const tell = ({ log, measure }: Telemetry, verified: Verification): void => {
  const issuer = verified.ok ? verified.principal.issuerId : (verified.issuerId ?? 'unknown');
  const tokenClass = verified.ok ? 'accepted' : verified.reason;
  const kid = verified.kid === null ? null : escapeUnverified(verified.kid);
  const code = verified.ok ? null : verified.code;
  log.info('authorize', { issuer, kid, code, refusal: verified.ok ? null : tokenClass, tokenId: verified.tokenId });
  measure.count(ORIGIN_METRICS.tokens, { issuer, tokenClass });
};

/**
 * Verifies the token of one request and answers for exactly that method and path. Denied: `context.code` says why, for the gateway response.
 * Throws `registry_unavailable`, which API Gateway answers with 500: nobody is let in because nobody could be checked.
 */
export const createAuthorize =
  (deps: AuthorizerDeps) =>
  async (event: AuthorizerEvent): Promise<AuthorizerAnswer> => {
    const deny = (code: string): AuthorizerAnswer => answer('Deny', event.methodArn, 'nobody', { code });
    const read = readAuthorization(authorizationValues(event));
    if (!read.ok) {
      const { code, reason } = read;
      deps.telemetry.log.info('authorize', { issuer: 'unknown', kid: null, code, refusal: reason, tokenId: null });
      deps.telemetry.measure.count(ORIGIN_METRICS.tokens, { issuer: 'unknown', tokenClass: reason });
      return deny(code);
    }
    const verified = await verifyToken(read.token, await deps.registry.get(deps.budgetMs), deps.now());
    tell(deps.telemetry, verified);
    if (!verified.ok) return deny(verified.code);
    const { principal } = verified;
    if (!principal.permissions.has(deps.permission)) return deny('permission_missing');
    return answer('Allow', event.methodArn, principal.ownerKey, {
      issuerId: principal.issuerId,
      ownerKey: principal.ownerKey,
    });
  };
