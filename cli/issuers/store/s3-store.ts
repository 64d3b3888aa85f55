import { GetObjectCommand, PutObjectCommand, paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';
import { versionIdsOf } from './list-versions.ts';
import type { RegistryStore, StoredText } from './registry-store.ts';
import { isNoSuchKey, isWriteConflict } from './s3-faults.ts';

export type S3StoreDeps = {
  /** With `requestChecksumCalculation: 'WHEN_REQUIRED'`, as everywhere. */
  readonly client: S3Client;
  readonly bucket: string;
  /** Ends what is under way. */
  readonly signal: AbortSignal;
};

/** A registry bucket on S3: conditional writes by `If-Match` and `If-None-Match`, history by its object versions. */
export const createS3Store = ({ client, bucket, signal }: S3StoreDeps): RegistryStore => {
  const options = { abortSignal: signal };

  const get = async (key: string, versionId?: string): Promise<StoredText> => {
    const command = new GetObjectCommand({ Bucket: bucket, Key: key, ...(versionId ? { VersionId: versionId } : {}) });
    const { Body, ETag } = await client.send(command, options);
    if (Body === undefined || ETag === undefined) throw new Error(`S3 answered ${key} without a body or an ETag`);
    return { body: await Body.transformToString('utf-8'), etag: ETag };
  };

  return {
    read: async (key) => {
      try {
        return await get(key);
      } catch (error) {
        if (isNoSuchKey(error)) return null;
        throw error;
      }
    },
    write: async (key, body, etag) => {
      const command = new PutObjectCommand({
        Bucket: bucket,
        Key: key,
        Body: body,
        ContentType: 'application/json',
        ...(etag === null ? { IfNoneMatch: '*' } : { IfMatch: etag }),
      });
      try {
        await client.send(command, options);
        return 'written';
      } catch (error) {
        if (isWriteConflict(error)) return 'conflict';
        throw error;
      }
    },
    list: async (prefix) => {
      const keys: string[] = [];
      for await (const page of paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: prefix }, options)) {
        keys.push(...(page.Contents ?? []).flatMap(({ Key }) => Key ?? []));
      }
      return keys;
    },
    history: async function* (key) {
      for await (const versionId of versionIdsOf({ client, bucket, key, signal })) {
        yield (await get(key, versionId)).body;
      }
    },
  };
};
