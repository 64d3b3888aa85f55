import { argument } from './list-page.ts';

/** Parts of one upload. Source: Amazon S3 user guide, "Multipart upload limits". */
const PART_NUMBER_MAX = 10_000;

/** The value of a `partNumber` parameter. */
export function readPartNumber(text = ''): number {
  const number = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (number >= 1 && number <= PART_NUMBER_MAX) return number;
  throw argument('partNumber', text, 'Part number must be an integer between 1 and 10000, inclusive');
}
