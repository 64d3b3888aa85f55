/** Bytes to upload; they can be read more than once and from the middle, because what breaks is sent again. */
export type UploadSource = {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** Media type, lower case. */
  readonly type: string;
  /**
   * A fresh pass over the bytes from `start` (0 unless said) up to but not including `end` (`size` unless said).
   * A chunk is good until the next one is asked for; then its memory may hold other bytes.
   */
  readonly open: (start?: number, end?: number) => AsyncIterable<Uint8Array>;
  /** Text that changes when the content at this place does. Uploads of sources without it are never resumed after a crash. */
  readonly fingerprint?: () => Promise<string>;
};
