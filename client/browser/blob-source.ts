import { hexOf, sha256Of } from '../bytes.ts';
import { readStream } from '../read-stream.ts';
import type { UploadSource } from '../source.ts';

/** Bytes at each end of a file that its fingerprint covers. */
const FINGERPRINT_BYTES = 65_536;
const FALLBACK_TYPE = 'application/octet-stream';

const encoded = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

const fingerprintOf = async (blob: Blob, facts: readonly (string | number)[]): Promise<string> => {
  const ends = [blob.slice(0, FINGERPRINT_BYTES), blob.slice(Math.max(0, blob.size - FINGERPRINT_BYTES))];
  const whole = new Blob([encoded(JSON.stringify(facts)), ...ends]);
  return hexOf(await sha256Of(new Uint8Array(await whole.arrayBuffer())));
};

/** A `File` or `Blob` as an upload source. Only a `File` can be resumed: it has a name and a time of change. */
export const blobSource = (
  blob: Blob,
  given: { readonly name?: string; readonly type?: string } = {},
): UploadSource => {
  const file = blob instanceof File ? blob : undefined;
  const name = given.name ?? file?.name ?? 'blob';
  const source: UploadSource = {
    name,
    size: blob.size,
    type: given.type ?? (blob.type === '' ? FALLBACK_TYPE : blob.type.toLowerCase()),
    open: (start = 0, end = blob.size) => readStream(blob.slice(start, end).stream()),
  };
  if (file === undefined) return source;
  const facts = [file.webkitRelativePath, file.name, file.size, file.lastModified];
  return { ...source, fingerprint: () => fingerprintOf(blob, facts) };
};
