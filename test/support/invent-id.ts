import { grantDigest } from '../../core/contract/grant.ts';
import { formatId } from '../../core/contract/ids.ts';

/** The grant that the ids are written for. */
export const INVENTED_GRANT = {
  kind: 'put',
  checksumMode: 'none',
  partSize: 0,
  size: 64,
  name: 'bytes.bin',
  type: 'application/octet-stream',
  sha256: null,
  metadata: {},
} as const;

/** A well-formed id of a grant for `someFile` that no gate made, as anybody can write one. */
export const inventId = (ownerKey: string, region: string): string =>
  formatId({
    ...INVENTED_GRANT,
    region,
    ownerKey,
    nonce: Buffer.alloc(16, 7),
    grantDigest: grantDigest(INVENTED_GRANT),
  });
