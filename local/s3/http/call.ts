import type { IncomingMessage } from 'node:http';
import type { Verified } from '../../sigv4/verify.ts';
import type { EventSource } from '../events/events-for.ts';
import type { Store } from '../store/store.ts';

/** What all operations of one Region work with. */
export interface RegionContext {
  /** AWS name of the Region. */
  readonly region: string;
  readonly account: string;
  readonly store: Store;
  /** Milliseconds since the epoch, by the platform's clock. */
  readonly now: () => number;
  readonly bodyIdleMs: number;
  /** Region and URL of the endpoint that holds a bucket, among all Regions of this process. */
  readonly placeOf: (bucket: string) => { readonly region: string; readonly url: string } | undefined;
}

/** One request, with everything read from it that operations need, its signature already verified. */
export interface Call extends RegionContext {
  /** Empty for a call on the service. */
  readonly bucket: string;
  /** Empty for a call on a bucket. */
  readonly key: string;
  /** Decoded parameters by name; of repeated ones the first. */
  readonly query: ReadonlyMap<string, string>;
  /** A header by lower-case name. */
  readonly header: (name: string) => string | undefined;
  readonly request: IncomingMessage;
  readonly verified: Verified;
  readonly source: EventSource;
  /** Asks the client for the body where it waits to be asked (`Expect: 100-continue`). */
  readonly askForBody: () => void;
  /** Whether this caller may do `action` on the bucket, or with `key` on that object. */
  readonly may: (action: string, key?: string) => boolean;
}

/** What an operation answers. A stream is one file, part of it or whole. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Buffer | FileSlice;
}

/** Bytes `start` to `end` (inclusive) of a data file that is open; who sends it closes it. */
export interface FileSlice {
  readonly file: import('node:fs/promises').FileHandle;
  readonly start: number;
  readonly end: number;
}

/** One of S3's operations. */
export type Operation = (call: Call) => Promise<Reply>;

export const XML_TYPE = { 'content-type': 'application/xml' } as const;
