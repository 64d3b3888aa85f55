import type { IncomingMessage } from 'node:http';
import type { Verified } from '../../sigv4/verify.ts';
import type { EventSource } from '../events/events-for.ts';
import type { EventRecord } from '../store/records.ts';
import type { Store } from '../store/store.ts';
import type { ByteSource } from './byte-source.ts';

/** What all operations of one Region work with. */
export interface RegionContext {
  /** AWS name of the Region. */
  readonly region: string;
  readonly account: string;
  readonly store: Store;
  /** Milliseconds since the epoch, by the platform's clock. */
  readonly now: () => number;
  readonly bodyIdleMs: number;
  /** Where this Region's queues are; null: there are none. */
  readonly sqsEndpoint: string | null;
  /** Sends an event past the journal; whether the queue took it. */
  readonly sendNow: (queueUrl: string, event: EventRecord) => Promise<boolean>;
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
  /** Whether this caller may do `action` on the bucket, or with `key` on that object; `bucket` is another than the call's. */
  readonly may: (action: string, key?: string, bucket?: string) => boolean;
}

/** A browser's form: who signed it is known only when its fields are read. */
export interface FormCall extends Pick<Call, 'bucket' | 'header' | 'request' | 'bodyIdleMs' | 'askForBody'> {
  /** The call it is, for the key it names; throws when the signature of its policy does not fit. */
  readonly authenticate: (fields: ReadonlyMap<string, string>, key: string) => Call;
}

/** What an operation answers. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Buffer | ByteSource;
}

/** One of S3's operations. */
export type Operation = (call: Call) => Promise<Reply>;

export const XML_TYPE = { 'content-type': 'application/xml' } as const;
