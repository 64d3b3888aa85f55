/** One part as S3 has it. */
export type StoredPart = {
  readonly number: number;
  readonly size: number;
  readonly etag: string;
  /** 64 lower-case hex digits. */
  readonly sha256: string | null;
};

/** What `GET …/parts` answers: what S3 has of the plan. */
export type PartList = {
  readonly uploadId: string;
  readonly partSize: number;
  readonly partCount: number;
  readonly parts: readonly StoredPart[];
  /** Numbers S3 has nothing for. */
  readonly missing: readonly number[];
  /** Numbers of parts that are not as planned. */
  readonly wrong: readonly number[];
};
