import { type Grant, grantDigest } from '../../core/contract/grant.ts';
import { formatId } from '../../core/contract/ids.ts';
import type { PartGrant } from '../../core/contract/records.ts';
import type { ChecksumMode } from '../../core/contract/states.ts';
import { createMultipart, readUploadId } from '../../core/objects/create-multipart.ts';
import { listMultiparts, type OpenMultipart, readOpenMultipart } from '../../core/objects/list-multiparts.ts';
import { objectKey } from '../../core/objects/object-key.ts';
import { grantParts, type WantedPart } from '../../core/objects/part-grants.ts';
import type { Endpoint } from '../../core/objects/s3-endpoint.ts';
import type { SigningCredentials } from '../../core/objects/signing-key.ts';
import { send } from '../support/wire.ts';

const OWNER = 'abcdefghijklmnopqrstuvwxyz234567';
const ISSUER = 'acme';

/** Where and by whom is signed. */
export type Signer = {
  readonly endpoint: Endpoint;
  readonly region: string;
  readonly credentials: SigningCredentials;
};

export type MultipartPlan = { readonly size: number; readonly partSize: number; readonly checksumMode: ChecksumMode };

let nonce = 0;

/** An upload in parts as the gate makes one, of a key of its own, and what may be asked about it. */
export const newMultipart = (signer: Signer, plan: MultipartPlan) => {
  nonce += 1;
  const content = { name: 'übersicht.bin', type: 'application/octet-stream', sha256: null, metadata: { a: 'é' } };
  const whole: Grant = { kind: 'multipart', ...plan, ...content };
  const nonceBytes = Buffer.alloc(16);
  nonceBytes.writeUInt32BE(nonce);
  const id = formatId({
    ...whole,
    region: 'euw1',
    ownerKey: OWNER,
    nonce: nonceBytes,
    grantDigest: grantDigest(whole),
  });
  const context = (now: number) => ({ ...signer, issuerId: ISSUER, ownerKey: OWNER, now });
  const ask = async (request: { method: string; url: string; headers: Readonly<Record<string, string>> }) => {
    const answer = await send({ ...request, body: Buffer.alloc(0) });
    if (answer.status !== 200) throw new Error(`S3 answered ${answer.status}: ${answer.body.toString()}`);
    return answer.body.toString();
  };
  const key = objectKey({ issuerId: ISSUER, ownerKey: OWNER, id });
  return {
    id,
    key,
    /** Starts it; S3's upload id. */
    start: async (): Promise<string> => {
      const now = Date.now();
      const grant = { id, size: plan.size, ...content, createdAt: new Date(now).toISOString() };
      const request = createMultipart({ ...context(now), grant, checksumMode: plan.checksumMode });
      const uploadId = readUploadId(await ask(request));
      if (uploadId === undefined) throw new Error('S3 answered no upload id');
      return uploadId;
    },
    /** What is open of it. */
    find: async (): Promise<OpenMultipart | undefined> =>
      readOpenMultipart(await ask(listMultiparts({ ...context(Date.now()), id })), key),
    /** Permission for its parts. */
    grant: (uploadId: string, parts: readonly WantedPart[], now = Date.now()): PartGrant[] =>
      grantParts({ ...context(now), plan: { ...plan, id }, uploadId, parts, expiresIn: 900 }),
  };
};
