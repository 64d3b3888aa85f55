import type { AdaptiveLimit } from '../../client/adaptive-limit.ts';
import type { Client } from '../../client/client.ts';
import { fileSource } from '../../client/node/file-source.ts';
import { nodeHashes } from '../../client/node/hashes.ts';
import type { UploadRecord } from '../../core/contract/records.ts';
import type { Wishes } from './wishes.ts';

export type OneUpload = {
  readonly path: string;
  /** Path below the folder it was found in; kept as metadata `path`. */
  readonly inFolder: string | null;
  readonly name: string | undefined;
  readonly type: string | undefined;
  readonly wishes: Wishes;
  readonly resume: boolean;
  readonly limit: AdaptiveLimit;
  readonly signal: AbortSignal;
  readonly onProgress: (sent: number) => void;
  /** The upload goes in parts, so it can be resumed. */
  readonly onParts: () => void;
};

/** What became of one file; `resumed` are the bytes that S3 had from an earlier run. */
export type OneUploaded = { readonly record: UploadRecord; readonly size: number; readonly resumed: number };

/** Uploads one file as the command was told to. */
export const uploadOne = async (client: Client, input: OneUpload): Promise<OneUploaded> => {
  const { wishes, signal } = input;
  const { hashWhole, ...options } = wishes;
  const source = await fileSource(input.path, { name: input.name, type: input.type });
  let resumed = 0;
  const record = await client.upload(source, {
    ...options,
    ...(hashWhole ? { sha256: await nodeHashes.sha256(source.open(), source.size) } : {}),
    ...(input.inFolder === null ? {} : { metadata: { path: input.inFolder } }),
    limit: input.limit,
    resume: input.resume,
    rememberFinished: input.resume,
    signal,
    onCreated: ({ kind }) => {
      if (kind === 'multipart') input.onParts();
    },
    onResumed: input.onParts,
    onProgress: (progress) => {
      resumed = progress.resumed;
      input.onProgress(progress.sent);
    },
  });
  return { record, size: source.size, resumed };
};
