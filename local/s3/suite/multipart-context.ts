import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  type CompleteMultipartUploadCommandOutput,
  CreateMultipartUploadCommand,
  ListPartsCommand,
  type ListPartsCommandOutput,
  type S3Client,
  UploadPartCommand,
  type UploadPartCommandOutput,
} from '@aws-sdk/client-s3';
import { newKey, type SuiteContext } from './context.ts';

/** The least part that another may follow: 5 MiB. */
export const FIRST = Buffer.alloc(5 * 1024 ** 2, 'a');
/** The check value of CRC catalogues, as a last part. */
export const LAST = Buffer.from('123456789');
/** MD5s, and the ETag of an object of both parts; worked out elsewhere. */
export const FIRST_ETAG = '"79b281060d337b9b2b84ccf390adcf74"';
export const LAST_ETAG = '"25f9e794323b453885f5181f1b624d0b"';
export const BOTH_ETAG = '"742fdf85be9a78c3a0fb44b9cb33df45-2"';

/** One multipart upload, in short words. */
export interface Begun {
  readonly key: string;
  readonly uploadId: string;
  part(number: number, body: Buffer | string, more?: object): Promise<UploadPartCommandOutput>;
  parts(more?: object): Promise<ListPartsCommandOutput>;
  complete(parts: readonly CompletedPart[] | undefined, more?: object): Promise<CompleteMultipartUploadCommandOutput>;
  abort(): Promise<unknown>;
}

/** Short words for multipart uploads on the suite's bucket, by a client that adds no checksums of its own. */
export function beginning({ target }: SuiteContext, plainClient: () => S3Client) {
  let client: S3Client | undefined;
  return async (more: object = {}, key = newKey()): Promise<Begun> => {
    client ??= plainClient();
    const object = { Bucket: target().bucket, Key: key };
    const { UploadId: uploadId = '' } = await client.send(new CreateMultipartUploadCommand({ ...object, ...more }));
    return at(client, object, uploadId);
  };
}

/** The same words for an upload id of any origin. */
export function at(
  client: S3Client,
  object: { readonly Bucket: string; readonly Key: string },
  uploadId: string,
): Begun {
  const upload = { ...object, UploadId: uploadId };
  return {
    key: object.Key,
    uploadId,
    part: (PartNumber, Body, extra = {}) =>
      client.send(new UploadPartCommand({ ...upload, PartNumber, Body, ...extra })),
    parts: (extra = {}) => client.send(new ListPartsCommand({ ...upload, ...extra })),
    complete: (parts, extra = {}) =>
      client.send(
        new CompleteMultipartUploadCommand({
          ...upload,
          ...(parts ? { MultipartUpload: { Parts: [...parts] } } : {}),
          ...extra,
        }),
      ),
    abort: () => client.send(new AbortMultipartUploadCommand(upload)),
  };
}
