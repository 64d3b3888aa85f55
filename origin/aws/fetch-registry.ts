import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { OriginConfig } from '../../core/config/origin.ts';
import { REGISTRY_KEYS } from '../../core/contract/registry.ts';
import type { FetchDocument } from '../../core/identity/registry-document.ts';
import { isNotModified } from '../objects/s3-faults.ts';
import { createS3Client } from './clients.ts';

/** Reads registry documents from the registry bucket of any Region, conditionally. `own` serves the own Region. */
export const createFetchRegistry = (deps: { readonly config: OriginConfig; readonly own: S3Client }): FetchDocument => {
  const clients = new Map<string, S3Client>([[deps.config.region, deps.own]]);
  return async (regionCode, name, etag, timeoutMs) => {
    const region = deps.config.regions[regionCode];
    if (region === undefined) throw new Error(`${regionCode} is not deployed`);
    const client = clients.get(regionCode) ?? createS3Client(deps.config, region);
    clients.set(regionCode, client);
    const command = new GetObjectCommand({
      Bucket: region.registryBucket,
      Key: REGISTRY_KEYS[name],
      ...(etag === null ? {} : { IfNoneMatch: etag }),
    });
    try {
      const { Body, ETag } = await client.send(command, { abortSignal: AbortSignal.timeout(timeoutMs) });
      if (Body === undefined || ETag === undefined) throw new Error(`S3 answered ${name} without a body or an ETag`);
      return { status: 'ok', body: await Body.transformToString('utf-8'), etag: ETag };
    } catch (error) {
      if (isNotModified(error)) return { status: 'unchanged' };
      throw error;
    }
  };
};
