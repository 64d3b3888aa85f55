import { fault } from '../errors.ts';
import type { Call } from '../http/call.ts';
import type { Checksum, ObjectVersion } from '../store/records.ts';
import { parseRange } from './parse-range.ts';
import { readPartNumber } from './part-number.ts';

/** What of an object a GET or HEAD asks for; null: all of it. `headers` belong to the answer. */
export interface Span {
  readonly start: number;
  /** The last byte. */
  readonly end: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Of a part that has one of its own. */
  readonly checksum?: Checksum;
}

/** The bytes that `Range` or `partNumber` ask for. */
export function readSpan(call: Pick<Call, 'header' | 'query'>, version: ObjectVersion): Span | null {
  const header = call.header('range');
  const partNumber = call.query.get('partNumber');
  if (partNumber === undefined) {
    const range = parseRange(header, version.size);
    return range && { ...range, headers: contentRange(range, version.size) };
  }
  if (header !== undefined) {
    throw fault('InvalidRequest', { message: 'Cannot specify both Range header and partNumber query parameter' });
  }
  return partSpan(version, readPartNumber(partNumber));
}

/** The n-th part in the object's order; an object that came in one piece is its only part. */
function partSpan(version: ObjectVersion, number: number): Span | null {
  const sizes = version.multipart?.parts.map(({ size }) => size) ?? [version.size];
  const size = sizes[number - 1];
  if (size === undefined) {
    throw fault('InvalidPartNumber', {
      details: { ActualPartCount: String(sizes.length), PartNumberRequested: String(number) },
    });
  }
  if (version.size === 0) return null;
  const start = sizes.slice(0, number - 1).reduce((sum, one) => sum + one, 0);
  const span = { start, end: start + size - 1 };
  const count = version.multipart ? { 'x-amz-mp-parts-count': String(sizes.length) } : {};
  const part = version.checksum.composite && version.multipart?.parts[number - 1];
  return {
    ...span,
    headers: { ...contentRange(span, version.size), ...count },
    ...(part ? { checksum: { ...part.checksum, composite: true } } : {}),
  };
}

const contentRange = ({ start, end }: { readonly start: number; readonly end: number }, size: number) => ({
  'content-range': `bytes ${start}-${end}/${size}`,
});
