import { bytesToText, percentDecode } from '../../sigv4/percent.ts';
import { fault } from '../errors.ts';

/** Longest key, in bytes of UTF-8. Source: Amazon S3, naming objects. */
export const KEY_MAX_BYTES = 1_024;

/** Bucket and key of a path-style request target, `/bucket/key`; `/` and `//` inside the key are part of it. */
export function splitPath(rawPath: string): { readonly bucket: string; readonly key: string } {
  const bytes = percentDecode(rawPath);
  const path = bytes === null ? null : bytesToText(bytes);
  if (bytes === null || path === null || !path.startsWith('/')) throw fault('InvalidURI');
  const slash = path.indexOf('/', 1);
  if (slash < 0) return { bucket: path.slice(1), key: '' };
  const key = path.slice(slash + 1);
  if (Buffer.byteLength(key) > KEY_MAX_BYTES) {
    throw fault('KeyTooLongError', {
      details: { Size: String(Buffer.byteLength(key)), MaxSizeAllowed: String(KEY_MAX_BYTES) },
    });
  }
  return { bucket: path.slice(1, slash), key };
}
