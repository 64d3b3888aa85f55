import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import { NO_REVOCATIONS, PolicyDocumentSchema, REGISTRY_KEYS } from '../../../core/contract/registry.ts';
import { isJsonObject } from '../../../core/identity/json-bytes.ts';
import { type Keys, parseKeys } from '../../../core/identity/parse-keys.ts';
import { type Policy, parsePolicy } from '../../../core/identity/parse-policy.ts';
import { buildRegistry, type Registry } from '../../../core/identity/registry.ts';
import { UsageError } from '../../exit.ts';
import { readEntryFiles } from '../lint/entry-file.ts';
import { textAt } from '../lint/peek.ts';
import { faultsInWords, faultyEntries } from '../registry/faulty-entries.ts';
import { reasonOf } from '../registry/read-regions.ts';
import type { RegistryRegion, StoredPolicy } from '../registry/region.ts';

/** A registry to explain by, and where it is from. */
export type LoadedRegistry = {
  readonly registry: Registry;
  readonly from: string;
  /** What of it counts for nothing. */
  readonly warnings: readonly string[];
};

const NO_KEYS: Keys = { version: 0, checkedAtMs: 0, copies: new Map(), faulty: [] };

const warningsOf = (policy: StoredPolicy): readonly string[] =>
  faultyEntries(policy).map((faulty) => `entry ${faulty.name} counts for nothing: ${faultsInWords(faulty)}`);

const listOf = (faults: readonly { readonly path: string; readonly message: string }[]): string =>
  faults.map(({ path, message }) => `${path} ${message}`).join('; ');

const readPolicy = (value: unknown): { readonly policy: Policy; readonly warnings: readonly string[] } => {
  const stored = v.safeParse(PolicyDocumentSchema, value);
  const parsed = parsePolicy(value);
  if (stored.success && parsed.ok) return { policy: parsed.policy, warnings: warningsOf(stored.output) };
  const faults = parsed.ok ? '' : `: ${listOf(parsed.faults)}`;
  throw new Error(`policy.json cannot be read${faults}`);
};

const keysOf = (body: string | undefined): Keys => {
  if (body === undefined) return NO_KEYS;
  const parsed = parseKeys(JSON.parse(body));
  if (parsed.ok) return parsed.keys;
  throw new Error(`keys.json cannot be read: ${listOf(parsed.faults)}`);
};

const readRegion = async ({ code, store }: RegistryRegion): Promise<LoadedRegistry> => {
  const [policyText, keysText] = await Promise.all([store.read(REGISTRY_KEYS.policy), store.read(REGISTRY_KEYS.keys)]);
  if (policyText === null) throw new Error('it has no policy.json');
  const { policy, warnings } = readPolicy(JSON.parse(policyText.body));
  const keys = keysOf(keysText?.body);
  return {
    registry: buildRegistry(policy, keys),
    from: `the registry of ${code} (policy version ${policy.version}, keys version ${keys.version})`,
    warnings,
  };
};

/** The published registry, from the first Region that gives it. */
export const loadLiveRegistry = async (regions: readonly RegistryRegion[]): Promise<LoadedRegistry> => {
  const failures: string[] = [];
  for (const region of regions) {
    try {
      return await readRegion(region);
    } catch (error) {
      failures.push(`${region.code}: ${reasonOf(error)}`);
    }
  }
  throw new Error(`no Region gives its registry: ${failures.join('; ')}`);
};

const readKeySet = (path: string): readonly unknown[] => {
  const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
  const keys = isJsonObject(value) ? value['keys'] : undefined;
  if (!Array.isArray(keys)) throw new UsageError(`--jwks ${path} is no key set: it needs {"keys": […]}`);
  return keys;
};

/** One key set stands in for the fetched one of every issuer: only the entry that the token names is asked. */
const standInKeys = (values: readonly unknown[], keys: readonly unknown[], nowMs: number): Keys => ({
  ...NO_KEYS,
  copies: new Map(
    values.flatMap((value) => {
      const id = textAt(value, 'id');
      const copy = { keys, fetchedAtMs: nowMs, status: 'ok', jwksUri: null, triedAtMs: nowMs, nextTryAtMs: null };
      return id === undefined ? [] : [[id, copy] as const];
    }),
  ),
});

/** The entries of a folder as they would be published: nothing revoked, nothing drained, and no fetched keys but those of `jwks`. */
export const loadFolderRegistry = (folder: string, jwks: string | undefined, nowMs: number): LoadedRegistry => {
  const files = readEntryFiles(folder);
  const values = files.map(({ value }) => value);
  const { policy, warnings } = readPolicy({
    schema: 1,
    version: 1,
    publishedAt: new Date(0).toISOString(),
    publishedBy: folder,
    issuers: values.map((value) => value ?? null),
    drain: [],
    revocations: NO_REVOCATIONS,
  });
  const keys = jwks === undefined ? NO_KEYS : standInKeys(values, readKeySet(jwks), nowMs);
  const fetched = policy.entries.filter((entry) => entry.keys.jwksUri !== undefined).map(({ id }) => id);
  const keyless =
    jwks === undefined && fetched.length > 0
      ? [`a folder has no fetched keys: give --jwks FILE for ${fetched.join(', ')}`]
      : [];
  return {
    registry: buildRegistry(policy, keys),
    from: `the entries in ${folder}, with nothing revoked`,
    warnings: [...warnings, ...keyless],
  };
};
