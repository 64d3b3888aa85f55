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

/** The platform's own secrets, as it keeps them in its data folder. */
export const secretsOf = (data: string): readonly string[] =>
  secretsBelow(JSON.parse(readFileSync(join(data, 'state.json'), 'utf8')));

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
