import type { CreateBody } from '../../core/contract/schemas.ts';
import { hexOf, sha256Of } from '../bytes.ts';

const TAG = 'nearput/state/1';

const sorted = (map: Readonly<Record<string, string>> | undefined): readonly (readonly [string, string])[] =>
  Object.entries(map ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));

/** Key of an upload in a state store: only the same content, asked for in the same way at the same gateway, gives it again. */
export const stateKeyOf = async (endpoint: string, fingerprint: string, body: CreateBody): Promise<string> => {
  const { name, size, type, sha256, method, partSize, partChecksum, metadata } = body;
  const text = JSON.stringify([
    TAG,
    endpoint,
    fingerprint,
    [name, size, type, sha256, method, partSize, partChecksum],
    sorted(metadata),
  ]);
  return hexOf(await sha256Of(new TextEncoder().encode(text)));
};
