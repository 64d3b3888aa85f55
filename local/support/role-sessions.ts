import { hkdfSync } from 'node:crypto';
import type { Credential, CredentialStore, Statement } from './credentials.ts';

/** A role whose credentials are temporary. Those of every session follow from its secret: whoever has it and a clock knows them. */
export interface SessionRole {
  readonly role: string;
  readonly statements: readonly Statement[];
  readonly secret: string;
}

/** The roles of one platform, whose sessions follow each other in step. */
export interface SessionRoles {
  /** When their first sessions began, in milliseconds since the epoch. */
  readonly since: number;
  readonly roles: readonly SessionRole[];
}

/** One session of a role: credentials with an end, and from when on they are handed out. Milliseconds since the epoch. */
export interface RoleSession extends Credential {
  readonly startsAt: number;
  readonly expiresAt: number;
}

const MINUTE = 60_000;

/** How long a session lasts, in milliseconds (6 h). Source: none, AWS does not tell how long Lambda's own last. */
export const SESSION_MS = 360 * MINUTE;

/** Before one session ends the next has begun, in milliseconds: time to change over. */
export const OVERLAP_MS = 10 * MINUTE;

const EVERY_MS = SESSION_MS - OVERLAP_MS;

/** Sessions stay known after their end as long as anything signed by them can be shown, and are refused as ended: 7 days. */
const KNOWN_AFTER = Math.ceil((7 * 24 * 60 * MINUTE) / EVERY_MS) + 1;

const sessionNumber = (since: number, now: number): number => Math.floor((now - since) / EVERY_MS);

/** The session that `role` is given at `now`; it ends between `OVERLAP_MS` and `SESSION_MS` later. */
export function sessionAt(role: SessionRole, since: number, now: number): RoleSession {
  return session(role, since, sessionNumber(since, now));
}

/** Finds sessions by access key id: of every role the present one, the next (clocks differ) and those of the last days. */
export function createSessionStore({ since, roles }: SessionRoles, now: () => number): CredentialStore {
  let around: number | null = null;
  /** By number, so that a session stays the same object, by which signing keys are kept. */
  let known = new Map<number, readonly RoleSession[]>();
  let byId = new Map<string, RoleSession>();
  const moveTo = (current: number): void => {
    const numbers = Array.from({ length: KNOWN_AFTER + 2 }, (_, index) => current + 1 - index);
    known = new Map(numbers.map((n) => [n, known.get(n) ?? roles.map((role) => session(role, since, n))]));
    byId = new Map([...known.values()].flat().map((one) => [one.accessKeyId, one]));
    around = current;
  };
  return {
    find(accessKeyId) {
      const current = sessionNumber(since, now());
      if (current !== around) moveTo(current);
      return byId.get(accessKeyId);
    },
  };
}

/** Derived by HKDF (RFC 5869) from the role's secret and the session's number, in AWS's shape. */
function session({ role, statements, secret }: SessionRole, since: number, number: number): RoleSession {
  const bytes = Buffer.from(hkdfSync('sha512', secret, role, `session ${number}`, 16 + 30 + 421));
  const startsAt = since + number * EVERY_MS;
  return {
    accessKeyId: `ASIA${base32(bytes.subarray(0, 16))}`,
    secretAccessKey: bytes.subarray(16, 46).toString('base64'),
    sessionToken: sessionToken(bytes.subarray(46)),
    role,
    statements,
    startsAt,
    expiresAt: startsAt + SESSION_MS,
  };
}

/** A session token as long and as awkward to encode as STS's, of 421 bytes. */
export function sessionToken(bytes: Buffer): string {
  return `IQoJb3JpZ2luX2Vj${bytes.toString('base64')}`;
}

/** One character of AWS's access key alphabet for every byte. */
export function base32(bytes: Buffer): string {
  return Array.from(bytes, (byte) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'[byte & 31]).join('');
}
