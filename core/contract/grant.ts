import { createHash } from 'node:crypto';
import { PART_MAX_BYTES, PART_MIN_BYTES, PARTS_MAX, PUT_MAX_BYTES } from './limits.ts';
import { CHECKSUM_MODES, type ChecksumMode, KINDS, type Kind } from './states.ts';

/** What an id carries in the clear: how the bytes travel and how many there are. */
export type Plan = {
  readonly kind: Kind;
  readonly checksumMode: ChecksumMode;
  /** Bytes of every part but the last; 0 unless `kind` is `multipart`. A multiple of 1 MiB. */
  readonly partSize: number;
  /** Bytes. */
  readonly size: number;
};

/** Everything a caller was granted: the plan and what the object will be. */
export type Grant = Plan & {
  readonly name: string;
  readonly type: string;
  /** 64 lower-case hex digits. */
  readonly sha256: string | null;
  readonly metadata: Readonly<Record<string, string>>;
};

const MIB = 1_048_576;
const ID_VERSION = 1;
const GRANT_TAG = 'nearput/grant/1';
const NONCE_TAG = 'nearput/nonce/1';

/** Bytes of the plan at the head of an id: version and kind, checksum mode, part size in MiB, size. */
export const PLAN_BYTES = 10;

/** The plan as the first ten bytes of an id, big-endian. */
export const encodePlan = (plan: Plan): Buffer => {
  const bytes = Buffer.alloc(PLAN_BYTES);
  bytes.writeUInt8((ID_VERSION << 4) | KINDS.indexOf(plan.kind), 0);
  bytes.writeUInt8(CHECKSUM_MODES.indexOf(plan.checksumMode), 1);
  bytes.writeUInt16BE(plan.partSize / MIB, 2);
  bytes.writeUIntBE(plan.size, 4, 6);
  return bytes;
};

/** The plan in ten bytes; `undefined` if no gateway of this version writes them so. */
export const decodePlan = (bytes: Buffer): Plan | undefined => {
  const first = bytes.readUInt8(0);
  const kind = KINDS[first & 15];
  const checksumMode = CHECKSUM_MODES[bytes.readUInt8(1)];
  if (first >> 4 !== ID_VERSION || kind === undefined || checksumMode === undefined) return undefined;
  const partSize = bytes.readUInt16BE(2) * MIB;
  const size = bytes.readUIntBE(4, 6);
  if (kind === 'multipart') {
    if (partSize < PART_MIN_BYTES || partSize > PART_MAX_BYTES || size > partSize * PARTS_MAX) return undefined;
  } else if (partSize > 0 || checksumMode !== 'none' || size > PUT_MAX_BYTES) return undefined;
  return { kind, checksumMode, partSize, size };
};

/** UTF-8 bytes behind their length as four big-endian bytes, so that no two lists of strings run together alike. */
export const lengthPrefixed = (text: string): Buffer => {
  const body = Buffer.from(text, 'utf8');
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  return Buffer.concat([length, body]);
};

const byCodeUnit = ([a]: readonly [string, string], [b]: readonly [string, string]): number =>
  a < b ? -1 : a > b ? 1 : 0;

/** The canonical bytes of a grant: the same grant, however it was written, gives the same bytes. */
export const canonicalGrant = (grant: Grant): Buffer =>
  Buffer.concat([
    encodePlan(grant),
    lengthPrefixed(grant.name),
    lengthPrefixed(grant.type),
    lengthPrefixed(grant.sha256 ?? ''),
    ...Object.entries(grant.metadata)
      .sort(byCodeUnit)
      .flatMap(([name, value]) => [lengthPrefixed(name), lengthPrefixed(value)]),
  ]);

/** Ten bytes that bind an id to its grant. */
export const grantDigest = (grant: Grant): Buffer =>
  createHash('sha256').update(lengthPrefixed(GRANT_TAG)).update(canonicalGrant(grant)).digest().subarray(0, 10);

/** The nonce of a create with an Idempotency-Key: 16 bytes that only the same caller, key and grant give again. */
export const deriveNonce = (input: {
  readonly ownerKey: string;
  readonly subject: string;
  readonly idempotencyKey: string;
  readonly grant: Grant;
}): Buffer =>
  createHash('sha256')
    .update(lengthPrefixed(NONCE_TAG))
    .update(lengthPrefixed(input.ownerKey))
    .update(lengthPrefixed(input.subject))
    .update(lengthPrefixed(input.idempotencyKey))
    .update(canonicalGrant(input.grant))
    .digest()
    .subarray(0, 16);
