import { hkdfSync } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Every file below a folder. */
export const filesBelow = (folder: string): readonly string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? filesBelow(join(folder, entry.name)) : [join(folder, entry.name)],
  );

/** What may never be logged, by what it looks like. */
const FORBIDDEN: readonly (readonly [what: string, pattern: RegExp])[] = [
  ['a token', /eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}/],
  ['a signed query', /X-Amz-(?:Signature|Credential|Security-Token)=/i],
  ['a signature', /Signature=[0-9a-f]{16,}/],
  ['a bearer header', /bearer [A-Za-z0-9_-]{10,}/i],
  ['a session token', /IQoJb3JpZ2luX2Vj/],
  ['a private key', /"d":"[A-Za-z0-9_-]{20,}"/],
];

const secretsBelow = (value: unknown): readonly string[] => {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) =>
    typeof member === 'string' && /secret|token|^d$|private/i.test(name) && member.length >= 16
      ? [member]
      : secretsBelow(member),
  );
};

type SessionState = { readonly roleSecrets?: Readonly<Record<string, string>>; readonly sessionsSince?: number };

/** A role's sessions follow each other in this rhythm, in milliseconds. */
const SESSION_EVERY_MS = 350 * 60_000;

/** Looked for are the session before the present one and those of the next day: clocks are moved. */
const SESSIONS = [-1, 0, 1, 2, 3, 4, 5];

/** What the sessions of roles are derived from, and the secret keys of some of them. */
const sessionSecrets = ({ roleSecrets = {}, sessionsSince = 0 }: SessionState): readonly string[] => {
  const current = Math.floor((Date.now() - sessionsSince) / SESSION_EVERY_MS);
  return Object.entries(roleSecrets).flatMap(([role, secret]) => [
    secret,
    ...SESSIONS.map((ahead) =>
      Buffer.from(hkdfSync('sha512', secret, role, `session ${current + ahead}`, 46)).toString('base64', 16),
    ),
  ]);
};

/** The platform's own secrets, as it keeps them in its data folder or derives them from what it keeps. */
export const secretsOf = (data: string): readonly string[] => {
  const state = JSON.parse(readFileSync(join(data, 'state.json'), 'utf8')) as SessionState;
  return [...new Set([...secretsBelow(state), ...sessionSecrets(state)])];
};

/** What stands in the logs of a platform's data folder and may not: kind and file, never the thing itself. */
export const leaksIn = (data: string): readonly string[] => {
  const logs = join(data, 'logs');
  if (!existsSync(logs)) return [];
  const secrets = secretsOf(data);
  return filesBelow(logs).flatMap((path) => {
    const text = readFileSync(path, 'utf8');
    const kinds = FORBIDDEN.flatMap(([what, pattern]) => (pattern.test(text) ? [what] : []));
    const all = secrets.some((secret) => text.includes(secret)) ? [...kinds, 'a secret of the platform'] : kinds;
    return all.map((what) => `${what} in ${path.slice(logs.length + 1)}`);
  });
};
