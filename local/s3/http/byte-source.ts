import type { ObjectVersion } from '../store/records.ts';
import type { Store } from '../store/store.ts';
import type { Reply } from './call.ts';

/** A run of bytes of one data file; `end` is its last byte. */
export interface Extent {
  readonly file: string;
  readonly start: number;
  readonly end: number;
}

/** Bytes that lie in data files, one run after the other. Who has sent them calls `release`. */
export interface ByteSource {
  readonly extents: readonly Extent[];
  /** Of all runs together. */
  readonly length: number;
  readonly files: Store['files'];
  readonly release: () => Promise<void>;
}

/** Bytes `start` to `end` (inclusive) of a version. They stay readable until `release`, also when the version is removed. */
export function bytesOf(files: Store['files'], version: ObjectVersion, start: number, end: number): ByteSource {
  const extents: Extent[] = [];
  let offset = 0;
  for (const { file, size } of piecesOf(version)) {
    const first = Math.max(start - offset, 0);
    const last = Math.min(end - offset, size - 1);
    if (first <= last) extents.push({ file, start: first, end: last });
    offset += size;
  }
  const release = files.hold(extents.map(({ file }) => file));
  return { extents, length: end - start + 1, files, release };
}

function piecesOf(version: ObjectVersion): readonly { readonly file: string; readonly size: number }[] {
  return version.file === null ? (version.multipart?.parts ?? []) : [{ file: version.file, size: version.size }];
}

/** The bytes in order, in chunks; opens one file at a time. */
export async function* readBytes({ extents, files }: ByteSource): AsyncGenerator<Buffer> {
  for (const { file, start, end } of extents) {
    const open = await files.open(file);
    try {
      yield* open.stream(start, end);
    } finally {
      await open.close();
    }
  }
}

/** Whether an answer's body is bytes of data files. */
export function isByteSource(body: Reply['body']): body is ByteSource {
  return typeof body === 'object' && 'extents' in body;
}
