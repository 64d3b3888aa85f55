import { percentDecode } from './percent.ts';

/** A request as it came over the wire: nothing decoded, nothing merged. */
export interface SignedRequest {
  readonly method: string;
  /** Path as sent, still percent-encoded. */
  readonly rawPath: string;
  /** Query as sent, without `?`. */
  readonly rawQuery: string;
  /** Headers as received, in order, with repeats. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** SHA-256 of the body in hex, for a service whose clients do not send `x-amz-content-sha256` (not S3). */
  readonly bodySha256?: string;
}

/** One query parameter, its bytes decoded (one byte per character). */
export interface QueryParameter {
  readonly name: string;
  readonly value: string;
}

/** The query's parameters in the order sent; null when an escape is broken. `a` and `a=` are the same. */
export function parseQuery(rawQuery: string): QueryParameter[] | null {
  const parameters: QueryParameter[] = [];
  if (rawQuery === '') return parameters;
  for (const piece of rawQuery.split('&')) {
    if (piece === '') continue;
    const mark = piece.indexOf('=');
    const name = percentDecode(mark < 0 ? piece : piece.slice(0, mark), true);
    const value = mark < 0 ? '' : percentDecode(piece.slice(mark + 1), true);
    if (name === null || value === null) return null;
    parameters.push({ name, value });
  }
  return parameters;
}

/** Header values by lower-case name, repeats kept apart. */
export function headerMap(headers: SignedRequest['headers']): Map<string, string[]> {
  const map = new Map<string, string[]>();
  for (const [name, value] of headers) {
    const lower = name.toLowerCase();
    const values = map.get(lower);
    if (values) values.push(value);
    else map.set(lower, [value]);
  }
  return map;
}
