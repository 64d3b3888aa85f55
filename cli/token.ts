import { readFileSync } from 'node:fs';
import type { Transport } from '../client/transport.ts';
import { UsageError } from './exit.ts';
import { inReadWords, reasonInWords } from './file-error.ts';

export type TokenClaims = {
  readonly sub?: string | undefined;
  readonly tenant?: string | undefined;
  readonly scope?: string | undefined;
  readonly expiresIn?: number | undefined;
};

const readText = (path: string): string => {
  try {
    return readFileSync(path === '-' ? 0 : path, 'utf8');
  } catch (error) {
    throw new UsageError(`--token-file: ${reasonInWords(inReadWords(error))}`);
  }
};

/** A token from a file; `-` reads standard input. */
export const readTokenFile = (path: string): string => {
  const text = readText(path).trim();
  if (text === '') throw new UsageError(`--token-file ${path} is empty`);
  return text;
};

/** Asks a test issuer of the local platform for a token. `issuer` is its base URL, `id` one of its issuers. */
export const mintToken = async (
  transport: Transport,
  issuer: string,
  id: string,
  claims: TokenClaims,
): Promise<string> => {
  const answer = await transport.send({
    method: 'POST',
    url: `${issuer}/${encodeURIComponent(id)}/token`,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(claims),
    idleTimeoutMs: 10_000,
  });
  const body: unknown = answer.status === 200 ? JSON.parse(answer.body) : undefined;
  if (typeof body === 'object' && body !== null && 'token' in body && typeof body.token === 'string') return body.token;
  throw new UsageError(
    `the test issuer ${JSON.stringify(id)} gave no token (${answer.status}): ${answer.body.slice(0, 200)}`,
  );
};
