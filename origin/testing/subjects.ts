import { createHash } from 'node:crypto';
import { grantDigest, type Grant as PlannedGrant } from '../../core/contract/grant.ts';
import { formatId, parseId } from '../../core/contract/ids.ts';
import type { ChecksumMode, Kind } from '../../core/contract/states.ts';
import { encodeGrantMetadata } from '../../core/objects/grant-metadata.ts';
import type { HeadFacts } from '../objects/see.ts';
import type { Subject } from '../record/facts.ts';
import type { Grant } from '../record/record.ts';

/** Owner of most test uploads. */
export const OWNER = 'abcdefghijklmnopqrstuvwxyz234567';

/** When test uploads are granted. */
export const GRANTED_AT = '2026-11-20T12:00:00.000Z';

/** An upload as the gate would grant it. */
export type TestUpload = {
  readonly subject: Subject;
  readonly grant: Grant;
  readonly createdAt: string;
  /** What HEAD shows of a faithful PUT. */
  readonly head: HeadFacts;
};

export type UploadWish = {
  readonly region?: string;
  readonly ownerKey?: string;
  readonly issuerId?: string;
  readonly kind?: Kind;
  readonly checksumMode?: ChecksumMode;
  /** Bytes, of multipart uploads. */
  readonly partSize?: number;
  /** Tells uploads of one owner apart. */
  readonly seed?: string;
  readonly name?: string;
  readonly type?: string;
  readonly size?: number;
  readonly sha256?: string | null;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly createdAt?: string;
};

/** Grants an upload; every part of it can be wished otherwise. */
export const grantUpload = (wish: UploadWish = {}): TestUpload => {
  const { region = 'euw1', ownerKey = OWNER, issuerId = 'acme', seed = 'one', createdAt = GRANTED_AT } = wish;
  const { name = 'photo.png', type = 'image/png', sha256 = null, metadata = { album: 'summer' }, size = 4 } = wish;
  const { kind = 'put', checksumMode = 'none', partSize = 8_388_608 } = wish;
  const planned: PlannedGrant = {
    kind,
    checksumMode,
    partSize: kind === 'multipart' ? partSize : 0,
    size,
    name,
    type,
    sha256,
    metadata,
  };
  const nonce = createHash('sha256').update(seed).digest().subarray(0, 16);
  const id = formatId({ ...planned, region, ownerKey, nonce, grantDigest: grantDigest(planned) });
  const upload = parseId(id);
  if (upload === undefined) throw new Error('the test id does not parse');
  const header = encodeGrantMetadata({ id, name, size, type, sha256, metadata, createdAt });
  return {
    subject: { issuerId, ownerKey, id, upload },
    grant: { name, type, sha256, metadata },
    createdAt,
    head: {
      contentLength: size,
      contentType: type,
      metadata: { nearput: header },
      checksums: { crc64nvme: 'AAAAAAAAAAA=' },
      versionId: 'v1',
      etag: '"e1"',
      lastModifiedMs: Date.parse(createdAt) + 5_000,
    },
  };
};
