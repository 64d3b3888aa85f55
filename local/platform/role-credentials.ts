import { randomBytes } from 'node:crypto';
import { arns, cellNames } from '../../core/config/names.ts';
import { CELL_ROLES, GLOBAL_ROLES, ROLES, roleStatements } from '../../core/config/roles.ts';
import type { Credential, Statement } from '../support/credentials.ts';
import { base32, type SessionRole, sessionToken } from '../support/role-sessions.ts';
import { CELLS } from './cells.ts';

/** What is kept of a long-lived credential; what it may do is worked out at every start. */
export interface SavedKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string | null;
}

/** Users with long-lived keys: the person at this machine, and S3's own event sender. */
const USERS = ['admin', 's3-events'];

/** Who has keys without an end: people and what they run. */
export function keyNames(): readonly string[] {
  return [...USERS, 'operator'];
}

/** The roles of machines, whose sessions end: those of all Regions once, others once per Region, as `euw1/api`. */
export function roleNames(): readonly string[] {
  const regional = CELLS.flatMap(({ code }) => CELL_ROLES.map((role) => `${code}/${role}`));
  return [...GLOBAL_ROLES.filter((role) => role !== 'operator'), ...regional];
}

/** Random keys in AWS's shape; a role gets a session token. */
export function makeKeys(name: string): SavedKeys {
  const user = USERS.includes(name);
  return {
    accessKeyId: `${user ? 'AKIA' : 'ASIA'}${base32(randomBytes(16))}`,
    secretAccessKey: randomBytes(30).toString('base64'),
    sessionToken: user ? null : sessionToken(randomBytes(421)),
  };
}

/** What the sessions of a role are derived from. */
export function makeRoleSecret(): string {
  return randomBytes(32).toString('base64');
}

/** The credentials of `keys` (by name) with what each may do. */
export function toCredentials(keys: Readonly<Record<string, SavedKeys>>): readonly Credential[] {
  return keyNames().flatMap((role) => {
    const saved = keys[role];
    return saved ? [{ ...saved, role, statements: statementsOf(role), expiresAt: null }] : [];
  });
}

/** The roles of `secrets` (by role) with what each may do. */
export function toSessionRoles(secrets: Readonly<Record<string, string>>): readonly SessionRole[] {
  return roleNames().flatMap((role) => {
    const secret = secrets[role];
    return secret === undefined ? [] : [{ role, secret, statements: statementsOf(role) }];
  });
}

function statementsOf(role: string): readonly Statement[] {
  if (role === 'admin') return [{ actions: ['*'], resources: ['*'] }];
  if (role === 's3-events') {
    return [
      { actions: ['sqs:SendMessage'], resources: CELLS.map((cell) => arns.queue(cell, cellNames(cell).eventsQueue)) },
    ];
  }
  const [code, name] = role.includes('/') ? role.split('/') : [CELLS[0]?.code, role];
  const cell = CELLS.find((candidate) => candidate.code === code);
  const known = ROLES.find((candidate) => candidate === name);
  if (!cell || !known) throw new Error(`${role} is no role`);
  const { env, account, region } = cell;
  return roleStatements(known, { env, account, region, regions: CELLS.map((other) => other.region) });
}
