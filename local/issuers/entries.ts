import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type IssuerEntry, parseIssuerEntry } from '../../core/contract/issuer-entry.ts';
import { OBJECT_MAX_BYTES, URL_EXPIRY_SECONDS } from '../../core/contract/limits.ts';
import { ISSUER_PREFIX, ISSUERS } from './issuers.ts';

/** Registry entries of the test issuers, whose key sets lie at `issuerUrl`; all Regions in `regions` (codes). */
export function testEntries(issuerUrl: string, regions: readonly string[]): readonly IssuerEntry[] {
  return ISSUERS.map(({ id, algorithm }) => ({
    id,
    issuer: `${ISSUER_PREFIX}${id}`,
    status: 'active',
    audiences: ['nearput'],
    algorithms: [algorithm],
    tokenTypes: ['at+jwt', 'JWT'],
    keys: { jwksUri: `${issuerUrl}/${id}/jwks.json` },
    claims: { subject: ['sub'], tenant: ['tenant'] },
    ownership: 'subject',
    requiredClaims: {},
    tenants: null,
    permissions: { claim: ['scope'] },
    maxTokenAgeSeconds: 86_400,
    clockSkewSeconds: 10,
    limits: {
      minBytes: 0,
      maxBytes: OBJECT_MAX_BYTES,
      types: ['*/*', 'image/svg+xml'],
      urlTtlSeconds: URL_EXPIRY_SECONDS.default,
      regions,
    },
  }));
}

/** Reads every `*.json` of a folder as an issuer entry; `faults` has a sentence for each thing wrong. */
export function readEntries(folder: string): { entries: readonly IssuerEntry[]; faults: readonly string[] } {
  if (!existsSync(folder)) return { entries: [], faults: [`there is no folder ${folder}`] };
  const entries: IssuerEntry[] = [];
  const faults: string[] = [];
  for (const name of readdirSync(folder).sort()) {
    if (!name.endsWith('.json')) continue;
    const parsed = parseIssuerEntry(readJson(join(folder, name)));
    if (parsed.ok) entries.push(parsed.entry);
    else faults.push(...parsed.faults.map(({ path, message }) => `${join(folder, name)} ${path}: ${message}`));
  }
  const taken = new Set<string>(ISSUERS.flatMap(({ id }) => [id, `${ISSUER_PREFIX}${id}`]));
  for (const { id, issuer } of entries) {
    for (const text of [id, issuer]) {
      if (taken.has(text))
        faults.push(`${folder}: ${text} is used twice; every id and every issuer stands for one entry`);
      taken.add(text);
    }
  }
  return { entries, faults };
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
