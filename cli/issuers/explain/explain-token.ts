import { LOG_VALUE_MAX_LENGTH } from '../../../core/contract/limits.ts';
import { PROBLEMS, type ProblemCode } from '../../../core/contract/problems.ts';
import { PERMISSIONS } from '../../../core/contract/states.ts';
import { readAuthorization } from '../../../core/identity/authorization-header.ts';
import { CLAIM_CHECKS } from '../../../core/identity/check-claims.ts';
import type { RegisteredIssuer, Registry } from '../../../core/identity/registry.ts';
import { readTokenForm, type TokenForm } from '../../../core/identity/token-form.ts';
import { type Accepted, verifyToken } from '../../../core/identity/verify-token.ts';
import { reasonInWords } from './reasons.ts';

/** Every check a token passes on its way in, in order. */
export const CHECKS: readonly string[] = [
  'header',
  'form',
  'issuer',
  'key',
  'signature',
  ...CLAIM_CHECKS.map(({ name }) => name),
  'revocations',
];

export type Step = {
  readonly check: string;
  readonly verdict: 'ok' | 'refused' | 'not reached';
  /** What it looked at, or why it refuses; `null` if there is nothing to add. */
  readonly detail: string | null;
};

/** What the principal of an accepted token is and may do. */
export type Allowed = {
  readonly issuer: string;
  readonly subject: string;
  readonly tenant: string | null;
  readonly ownerKey: string;
  readonly permissions: readonly string[];
  readonly limits: Accepted['principal']['limits'];
  /** Codes of Regions that take its new uploads now, and of those that are drained. */
  readonly regions: readonly string[];
  readonly drained: readonly string[];
  readonly expiresAt: string;
};

export type Explanation = {
  readonly accepted: boolean;
  /** What the gate answers: code and status of the problem; `null` if it lets the token in. */
  readonly refusal: { readonly code: ProblemCode; readonly status: number; readonly reason: string } | null;
  /** Unverified, cut and escaped: what the token says of itself. */
  readonly claims: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
  /** Registry id of the entry that was used. */
  readonly entry: string | null;
  readonly key: { readonly kid: string; readonly thumbprint: string; readonly source: string } | null;
  readonly allowed: Allowed | null;
};

/** Claims that decide; none of them says who the caller is. */
const SHOWN = ['iss', 'aud', 'client_id', 'azp', 'iat', 'nbf', 'exp'] as const;

const short = (value: unknown): string => {
  const text = JSON.stringify(value) ?? 'absent';
  return text.length > LOG_VALUE_MAX_LENGTH ? `${text.slice(0, LOG_VALUE_MAX_LENGTH)}…` : text;
};

const timeOf = (value: unknown): string => {
  const date = new Date(typeof value === 'number' ? value * 1_000 : Number.NaN);
  return Number.isNaN(date.getTime()) ? short(value) : date.toISOString();
};

const claimsOf = ({ alg, kid, typ, claims }: TokenForm): Readonly<Record<string, string>> => ({
  alg: short(alg),
  kid: short(kid),
  typ: short(typ ?? undefined),
  ...Object.fromEntries(
    SHOWN.filter((name) => Object.hasOwn(claims, name)).map((name) => [
      name,
      ['iat', 'nbf', 'exp'].includes(name) ? timeOf(claims[name]) : short(claims[name]),
    ]),
  ),
});

const keyOf = (issuer: RegisteredIssuer | undefined, kid: string): Explanation['key'] => {
  const key = issuer?.key(kid);
  if (issuer === undefined || key === undefined) return null;
  const { keys } = issuer.entry;
  const fetched = issuer.keysFetchedAtMs === null ? '' : `, fetched ${new Date(issuer.keysFetchedAtMs).toISOString()}`;
  const source = keys.jwksUri === undefined ? 'written in the entry' : `${keys.jwksUri}${fetched}`;
  return { kid: key.kid, thumbprint: key.thumbprint, source };
};

const allowedOf = ({ principal }: Accepted, registry: Registry): Allowed => ({
  issuer: principal.issuerId,
  subject: principal.subject,
  tenant: principal.tenant,
  ownerKey: principal.ownerKey,
  permissions: PERMISSIONS.filter((permission) => principal.permissions.has(permission)),
  limits: principal.limits,
  regions: principal.limits.regions.filter((code) => !registry.drain.has(code)),
  drained: principal.limits.regions.filter((code) => registry.drain.has(code)),
  expiresAt: new Date(principal.expiresAt).toISOString(),
});

/** Every check as it went; those after the one that refused were not reached. */
const stepsOf = (passed: ReadonlyMap<string, string | null>, details: ReadonlyMap<string, string>): readonly Step[] =>
  CHECKS.map((check) => {
    const reason = passed.get(check);
    if (reason === undefined) return { check, verdict: 'not reached', detail: null };
    if (reason === null) return { check, verdict: 'ok', detail: details.get(check) ?? null };
    return { check, verdict: 'refused', detail: `${reasonInWords(reason) ?? reason} (${reason})` };
  });

/**
 * Walks a token through exactly what the gate does, the header's form and `verifyToken`, and keeps every verdict. Never throws, and
 * nothing it gives back holds the token or a part of it. `nowMs` is milliseconds since 1970.
 */
export const explainToken = async (token: string, registry: Registry, nowMs: number): Promise<Explanation> => {
  const passed = new Map<string, string | null>();
  const details = new Map<string, string>();
  // HTTP takes spaces and tabs off the end of a header before anybody reads it (RFC 9110, 5.5).
  const header = readAuthorization([`Bearer ${token}`.replace(/[ \t]+$/, '')]);
  passed.set('header', header.ok ? null : header.reason);
  if (!header.ok) {
    const { code, reason } = header;
    const refusal = { code, reason, status: PROBLEMS[code].status };
    return {
      accepted: false,
      refusal,
      claims: {},
      steps: stepsOf(passed, details),
      entry: null,
      key: null,
      allowed: null,
    };
  }
  const verification = await verifyToken(header.token, registry, nowMs, (check, reason) => passed.set(check, reason));
  const read = readTokenForm(header.token);
  const issuer = read.ok ? registry.issuers.get(read.form.unverifiedIssuer) : undefined;
  const key = read.ok ? keyOf(issuer, read.form.kid) : null;
  if (issuer !== undefined) details.set('issuer', `entry ${issuer.entry.id}`);
  if (key !== null) details.set('key', `thumbprint ${key.thumbprint}, ${key.source}`);
  const refusal = verification.ok
    ? null
    : { code: verification.code, status: PROBLEMS[verification.code].status, reason: verification.reason };
  return {
    accepted: verification.ok,
    refusal,
    claims: read.ok ? claimsOf(read.form) : {},
    steps: stepsOf(passed, details),
    entry: issuer?.entry.id ?? null,
    key,
    allowed: verification.ok ? allowedOf(verification, registry) : null,
  };
};
