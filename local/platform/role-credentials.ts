import { randomBytes } from 'node:crypto';
import { arns, cellNames } from '../../core/config/names.ts';
import { CELL_ROLES, GLOBAL_ROLES, ROLES, roleStatements } from '../../core/config/roles.ts';
import type { Credential, Statement } from '../support/credentials.ts';
import { CELLS } from './cells.ts';

/** What is kept of a credential; what it may do is worked out at every start. */
export interface SavedKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string | null;
}

/** Users with long-lived keys: the person at this machine, and S3's own event sender. */
const USERS = ['admin', 's3-events'];

/** Every role and user of the platform: those of all Regions once, others once per Region, as `euw1/api`. */
export function roleNames(): readonly string[] {
  const regional = CELLS.flatMap(({ code }) => CELL_ROLES.map((role) => `${code}/${role}`));
  return [...USERS, ...GLOBAL_ROLES, ...regional];
}

/** Random keys in AWS's shape; roles get a session token as long and as awkward to encode as STS's. */
export function makeKeys(role: string): SavedKeys {
  const user = USERS.includes(role);
  return {
    accessKeyId: `${user ? 'AKIA' : 'ASIA'}${base32(16)}`,
    secretAccessKey: randomBytes(30).toString('base64'),
    sessionToken: user ? null : `IQoJb3JpZ2luX2Vj${randomBytes(421).toString('base64')}`,
  };
}

/** The credentials of `keys` (by role) with what each may do. */
export function toCredentials(keys: Readonly<Record<string, SavedKeys>>): readonly Credential[] {
  return roleNames().flatMap((role) => {
    const saved = keys[role];
    return saved ? [{ ...saved, role, statements: statementsOf(role), expiresAt: null }] : [];
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

/** Random characters of AWS's access key alphabet. */
function base32(length: number): string {
  return Array.from(randomBytes(length), (byte) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'[byte & 31]).join('');
}
