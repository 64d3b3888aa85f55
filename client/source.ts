/** Bytes to upload; they can be read more than once, because a broken PUT starts again. */
export type UploadSource = {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** Media type, lower case. */
  readonly type: string;
  /** A fresh pass over all bytes. */
  readonly open: () => AsyncIterable<Uint8Array>;
};
