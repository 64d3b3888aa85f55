import { parseId, type UploadId } from '../contract/ids.ts';
import { GRANT_HEADER_MAX_BYTES, NAME_MAX_CODE_POINTS, OBJECT_MAX_BYTES, TYPE_MAX_LENGTH } from '../contract/limits.ts';
import { codePointLength, isStringMap } from '../contract/text.ts';

/** What was granted, as it travels with the object. */
export type GrantMetadata = {
  readonly id: UploadId;
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  readonly type: string;
  /** 64 lower-case hex digits. */
  readonly sha256: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  /** When the grant was signed: ISO 8601 UTC with milliseconds. */
  readonly createdAt: string;
};

const VERSION = 1;

const isName = (value: unknown): value is string =>
  typeof value === 'string' && value !== '' && value.isWellFormed() && codePointLength(value) <= NAME_MAX_CODE_POINTS;

const isSize = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= OBJECT_MAX_BYTES;

const isType = (value: unknown): value is string =>
  typeof value === 'string' && value.length <= TYPE_MAX_LENGTH && /^[\x21-\x7e][\x20-\x7e]*$/.test(value);

const isSha256 = (value: unknown): value is string | null =>
  value === null || (typeof value === 'string' && /^[0-9a-f]{64}$/.test(value));

const isTime = (value: unknown): value is string => {
  if (typeof value !== 'string') return false;
  const time = new Date(value).getTime();
  return Number.isFinite(time) && new Date(time).toISOString() === value;
};

const readGrant = (value: unknown): GrantMetadata | undefined => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const { v, id, name, size, type, sha256, metadata, createdAt } = value as Record<string, unknown>;
  const upload = typeof id === 'string' ? parseId(id) : undefined;
  if (v !== VERSION || upload === undefined) return undefined;
  if (!isName(name) || !isSize(size) || !isType(type) || !isSha256(sha256)) return undefined;
  if (!isStringMap(metadata) || !isTime(createdAt)) return undefined;
  return { id: upload.id, name, size, type, sha256, metadata, createdAt };
};

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (fault) {
    if (fault instanceof SyntaxError) return undefined;
    throw fault;
  }
};

const write = ({ id, name, size, type, sha256, metadata, createdAt }: GrantMetadata): string =>
  Buffer.from(JSON.stringify({ v: VERSION, id, name, size, type, sha256, metadata, createdAt }), 'utf8').toString(
    'base64url',
  );

/**
 * The value of the grant metadata header: base64url of the grant as JSON.
 * Throws a TypeError for a grant that could not be read back, a RangeError above 1,950 bytes.
 */
export const encodeGrantMetadata = (grant: GrantMetadata): string => {
  const value = write(grant);
  if (value.length > GRANT_HEADER_MAX_BYTES) {
    throw new RangeError(`the grant metadata takes ${value.length} of ${GRANT_HEADER_MAX_BYTES} bytes`);
  }
  if (decodeGrantMetadata(value) === undefined) throw new TypeError('the grant metadata is not valid');
  return value;
};

/** Reads a grant metadata header; `undefined` for whatever `encodeGrantMetadata` would not have written, to the byte. */
export const decodeGrantMetadata = (value: unknown): GrantMetadata | undefined => {
  if (typeof value !== 'string' || value.length > GRANT_HEADER_MAX_BYTES) return undefined;
  const grant = readGrant(parseJson(Buffer.from(value, 'base64url').toString('utf8')));
  return grant !== undefined && write(grant) === value ? grant : undefined;
};
