import type { Checksum } from '../store/records.ts';
import { leaf } from '../xml.ts';

/** `ChecksumSHA256` and its like, as answers carry them. */
export function checksumElement({ algorithm, value }: Checksum): string {
  return leaf(`Checksum${algorithm.toUpperCase()}`, value);
}
