import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { type KeysDocument, REGISTRY_KEYS, type RegistryDocumentName } from '../../core/contract/registry.ts';
import { isNoSuchKey, isPreconditionFailed } from '../objects/s3-faults.ts';

export type StoredDocument = { readonly body: string; readonly etag: string };

/** The registry bucket of one Region, as the refresher uses it. */
export type RegistryBucket = {
  /** `null`: there is none yet. Throws if S3 does not answer. */
  read(name: RegistryDocumentName, signal: AbortSignal): Promise<StoredDocument | null>;
  /** Writes `keys.json` over exactly `etag`, or over none; `false`: another writer came first. */
  writeKeys(document: KeysDocument, etag: string | null, signal: AbortSignal): Promise<boolean>;
};

/** A registry bucket on S3. */
export const createRegistryBucket = (deps: { readonly client: S3Client; readonly bucket: string }): RegistryBucket => ({
  read: async (name, signal) => {
    const command = new GetObjectCommand({ Bucket: deps.bucket, Key: REGISTRY_KEYS[name] });
    try {
      const { Body, ETag } = await deps.client.send(command, { abortSignal: signal });
      if (Body === undefined || ETag === undefined) throw new Error(`S3 answered ${name} without a body or an ETag`);
      return { body: await Body.transformToString('utf-8'), etag: ETag };
    } catch (error) {
      if (isNoSuchKey(error)) return null;
      throw error;
    }
  },
  writeKeys: async (document, etag, signal) => {
    const command = new PutObjectCommand({
      Bucket: deps.bucket,
      Key: REGISTRY_KEYS.keys,
      Body: JSON.stringify(document),
      ContentType: 'application/json',
      ...(etag === null ? { IfNoneMatch: '*' } : { IfMatch: etag }),
    });
    try {
      await deps.client.send(command, { abortSignal: signal });
      return true;
    } catch (error) {
      if (isPreconditionFailed(error)) return false;
      throw error;
    }
  },
});
