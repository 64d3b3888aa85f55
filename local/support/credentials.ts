/** What a credential may do: every action in `actions` on every resource in `resources` (ARNs); `*` stands for any run of characters. */
export interface Statement {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
}

/** An access key of the platform, with what it may do. */
export interface Credential {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Present for a role's temporary credentials: a request must then carry exactly this token. */
  readonly sessionToken: string | null;
  readonly role: string;
  readonly statements: readonly Statement[];
  /** Milliseconds since the epoch, or null: never. */
  readonly expiresAt: number | null;
}

/** Finds a credential by its access key id. */
export interface CredentialStore {
  find(accessKeyId: string): Credential | undefined;
}

/** A store over a fixed list; throws when two credentials share an access key id. */
export function createCredentialStore(list: readonly Credential[]): CredentialStore {
  const byId = new Map<string, Credential>();
  for (const credential of list) {
    if (byId.has(credential.accessKeyId)) throw new Error(`two credentials share ${credential.accessKeyId}`);
    byId.set(credential.accessKeyId, credential);
  }
  return { find: (accessKeyId) => byId.get(accessKeyId) };
}

/** Whether one of `statements` allows `action` (as in `sqs:SendMessage`) on `resourceArn`. Actions are matched without regard to case, as IAM does. */
export function isAllowed(statements: readonly Statement[], action: string, resourceArn: string): boolean {
  return statements.some(
    ({ actions, resources }) =>
      actions.some((pattern) => matchesPattern(pattern.toLowerCase(), action.toLowerCase())) &&
      resources.some((pattern) => matchesPattern(pattern, resourceArn)),
  );
}

/** Whether `value` fits `pattern`, in which `*` stands for any run of characters and nothing else is special. */
export function matchesPattern(pattern: string, value: string): boolean {
  const pieces = pattern.split('*');
  const first = pieces[0] ?? '';
  if (pieces.length === 1) return value === first;
  const last = pieces[pieces.length - 1] ?? '';
  if (!value.startsWith(first)) return false;
  let position = first.length;
  for (const piece of pieces.slice(1, -1)) {
    const found = value.indexOf(piece, position);
    if (found < 0) return false;
    position = found + piece.length;
  }
  return value.length - last.length >= position && value.endsWith(last);
}
