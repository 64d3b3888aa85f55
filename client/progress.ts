/** How far an upload is. */
export type UploadProgress = {
  /** Bytes that S3 has or the socket has taken; falls when something must be sent again. */
  readonly sent: number;
  readonly size: number;
  /** The bytes of `sent` that S3 had before this run. */
  readonly resumed: number;
  /** 1 for the first attempt; with parts the most attempts that one of them needed. */
  readonly attempt: number;
};

/** Adds up what the socket took over all parts. */
export type ProgressMeter = {
  /** Bytes that S3 already has. */
  readonly resume: (bytes: number) => void;
  /** Bytes of one piece that the socket has taken in this attempt; 0 when it starts again. */
  readonly piece: (number: number, sent: number, attempt: number) => void;
  /** The piece is stored. */
  readonly stored: (number: number, size: number) => void;
};

/** A meter that tells `onProgress` after every step. */
export const createProgressMeter = (
  size: number,
  onProgress: ((progress: UploadProgress) => void) | undefined,
): ProgressMeter => {
  const open = new Map<number, number>();
  let stored = 0;
  let resumed = 0;
  let inFlight = 0;
  let most = 1;
  const tell = () => onProgress?.({ sent: stored + inFlight, size, resumed, attempt: most });
  const set = (number: number, sent: number) => {
    inFlight += sent - (open.get(number) ?? 0);
    open.set(number, sent);
  };
  return {
    resume: (bytes) => {
      resumed = bytes;
      stored = bytes;
      tell();
    },
    piece: (number, sent, attempt) => {
      most = Math.max(most, attempt);
      set(number, sent);
      tell();
    },
    stored: (number, bytes) => {
      set(number, 0);
      open.delete(number);
      stored += bytes;
      tell();
    },
  };
};
