import type { UploadId } from '../core/contract/ids.ts';
import { createMultipart, readUploadId } from '../core/objects/create-multipart.ts';
import { listMultiparts, type OpenMultipart, readOpenMultipart } from '../core/objects/list-multiparts.ts';
import { objectKey } from '../core/objects/object-key.ts';
import { askS3 } from './ask-s3.ts';
import type { AuthorizedCall, RouteDeps } from './call.ts';
import { type GrantedUpload, metadataOf, signerFor } from './grant-answer.ts';

/** What S3 has open of an upload, if anything. Rejects when S3 does not say so in `timeoutMs`. */
export const findMultipart = async (
  call: AuthorizedCall,
  { id, region }: { readonly id: UploadId; readonly region: string },
  deps: RouteDeps,
  timeoutMs: number,
): Promise<OpenMultipart | undefined> => {
  const signer = signerFor(call, region, deps);
  const answer = await askS3(deps.http, listMultiparts({ ...signer, id }), timeoutMs);
  return readOpenMultipart(answer, objectKey({ ...signer, id }));
};

/** Starts an upload in parts. Rejects when S3 does not answer its id in `timeoutMs`. */
export const startMultipart = async (
  call: AuthorizedCall,
  granted: Pick<GrantedUpload, 'id' | 'region' | 'grant'>,
  deps: RouteDeps,
  timeoutMs: number,
): Promise<OpenMultipart> => {
  const signer = signerFor(call, granted.region, deps);
  const { now: startedAt } = signer;
  const { checksumMode } = granted.grant;
  const request = createMultipart({ ...signer, grant: metadataOf(granted, startedAt), checksumMode });
  const uploadId = readUploadId(await askS3(deps.http, request, timeoutMs));
  if (uploadId === undefined) throw new Error('S3 answered no upload id');
  return { uploadId, startedAt };
};
