import type { UploadRecord } from '../core/contract/records.ts';
import { base64Of, bytesOfHex, sha256Of } from './bytes.ts';
import { ContentError } from './errors.ts';

/** What was read here, as S3 would show it: values by S3's lower-case algorithm names. */
export type ReadContent = { readonly size: number; readonly checksums: Readonly<Record<string, string>> };

/** S3's composite SHA-256 of an object in parts: the hash of the parts' hashes, and how many. */
export const compositeSha256 = async (parts: readonly string[]): Promise<string> => {
  const digests = bytesOfHex(parts.join('')) as Uint8Array<ArrayBuffer>;
  return `${base64Of(await sha256Of(digests))}-${parts.length}`;
};

/** Compares the record with what was read here, as far as S3 holds the same facts. Throws `ContentError`. */
export const verifyRecord = (record: UploadRecord, read: ReadContent): UploadRecord => {
  const differ = (what: string, stored: unknown, own: unknown) =>
    new ContentError(`S3 has ${what} ${stored} for ${record.id}, but ${own} was read here; upload the file again`);
  // A record of an older gateway may lack members, so absent is like null.
  const { size = null, checksums = {} } = record as Partial<UploadRecord>;
  if (size !== null && size !== read.size) throw differ('size', size, read.size);
  for (const [name, own] of Object.entries(read.checksums)) {
    const stored = checksums[name];
    if (stored !== undefined && stored !== own) throw differ(name, stored, own);
  }
  return record;
};
