/** An object of a registry bucket as it was read. */
export type StoredText = { readonly body: string; readonly etag: string };

/** What became of a conditional write: it stands, or somebody else came first. */
export type WriteResult = 'written' | 'conflict';

/** The registry bucket of one Region, as the publishing tools use it. Every function throws if S3 does not answer or refuses. */
export type RegistryStore = {
  /** `null`: there is no such object. */
  read(key: string): Promise<StoredText | null>;
  /** Writes over exactly the version `etag`; with `null` only where nothing is. */
  write(key: string, body: string, etag: string | null): Promise<WriteResult>;
  /** Keys under a prefix, in the order of their bytes. */
  list(prefix: string): Promise<readonly string[]>;
  /** Every version of an object that is still kept, newest first. */
  history(key: string): AsyncIterable<string>;
};
