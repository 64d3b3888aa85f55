/** What to write where a member is missing; there is no default where a person must decide. */
const CURES: Readonly<Record<string, string>> = {
  id: 'a short name for keys, logs and metrics, such as "acme"',
  issuer: 'the exact iss of its tokens',
  status: '"active" or "disabled"',
  audiences: 'the aud values meant for this gateway, such as ["nearput"]',
  algorithms: 'the algorithms its tokens may use, such as ["RS256"]',
  tokenTypes: 'the typ values its tokens may have, such as ["at+jwt"]',
  keys: '{"jwksUri": "https://…"} or {"jwks": {"keys": […]}}',
  claims: '{"subject": ["sub"], "tenant": ["org_id"]}',
  subject: 'the path of the claim that names the person, such as ["sub"]',
  tenant: 'the path of the claim that names the tenant, or null if there is none',
  ownership: '"subject" or "tenant"',
  requiredClaims: 'claims that must have an exact value, or {} for none',
  tenants: 'the tenants that may come in, or null for all',
  permissions: '{"claim": ["scope"]}',
  claim: 'the path of the claim that lists permissions, such as ["scope"]',
  maxTokenAgeSeconds: 'how long a token may live, such as 3600',
  clockSkewSeconds: 'how far clocks may differ, such as 10',
  limits: '{"minBytes", "maxBytes", "types", "urlTtlSeconds", "regions"}',
  minBytes: 'the smallest upload in bytes, such as 0',
  maxBytes: 'the largest upload in bytes, such as 5368709120',
  types: 'the media types allowed, such as ["image/*"]',
  urlTtlSeconds: 'how long a granted URL lives, such as 900',
  regions: 'the Region codes its bytes may be in, such as ["euw1"]',
};

/** What to write for the missing member of an issuer entry that a JSON pointer names. */
export const cureOf = (pointer: string): string => CURES[pointer.split('/').at(-1) ?? ''] ?? 'it out';
