import * as v from 'valibot';
import { ObjectBytes, RegionCode, Text, whole } from './fields.ts';
import {
  GRANT_TEXT_MAX_BYTES,
  NAME_MAX_CODE_POINTS,
  PART_MAX_BYTES,
  PART_MIN_BYTES,
  PUT_MAX_BYTES,
  REGIONS_MAX,
  TYPE_MAX_LENGTH,
} from './limits.ts';
import { Problem } from './problems.ts';
import { CHECKSUM_MODES } from './states.ts';
import { codePointLength, isStringMap, utf8Length } from './text.ts';

const MIB = 1_048_576;
const TOKEN = '[a-z0-9!#$&^_.+-]+';
const MEDIA_TYPE = new RegExp(
  `^${TOKEN}/${TOKEN}(?: ?; ?${TOKEN}=(?:[A-Za-z0-9!#$&^_.+'*-]+|"[\\x20\\x21\\x23-\\x5b\\x5d-\\x7e]*"))*$`,
);

/** What `method` of a create can be. */
export const METHODS = ['auto', 'put', 'form', 'multipart'] as const;

/** 64 lower-case hex digits. */
export const Sha256Hex = v.pipe(Text, v.regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hex digits'));

/** File name as the user knows it; never part of a key. */
export const FileName = v.pipe(
  Text,
  v.check((name) => name.isWellFormed(), 'must be well-formed Unicode'),
  v.check(
    (name) => name !== '' && codePointLength(name) <= NAME_MAX_CODE_POINTS,
    `must have 1 to ${NAME_MAX_CODE_POINTS} code points`,
  ),
);

/** One lower-case media type, with optional parameters. */
export const MediaType = v.pipe(
  Text,
  v.maxLength(TYPE_MAX_LENGTH, `must have at most ${TYPE_MAX_LENGTH} characters`),
  v.regex(MEDIA_TYPE, 'must be one lower-case type/subtype, such as image/png or text/plain; charset=utf-8'),
);

/** Size of an upload in bytes. */
export const Size = ObjectBytes;

/** Free members a client keeps with its upload. */
export const UserMetadata = v.custom<Readonly<Record<string, string>>>(
  isStringMap,
  'must be an object whose members are well-formed strings',
);

const PartSize = v.pipe(
  whole('bytes', PART_MIN_BYTES, PART_MAX_BYTES),
  v.multipleOf(MIB, 'must be a multiple of 1,048,576'),
);

/** Body of create and renew. */
export const CreateBody = v.pipe(
  v.strictObject({
    name: FileName,
    size: Size,
    type: MediaType,
    sha256: v.optional(Sha256Hex),
    method: v.optional(v.picklist(METHODS, `must be one of ${METHODS.join(', ')}`)),
    partSize: v.optional(PartSize),
    partChecksum: v.optional(v.picklist(CHECKSUM_MODES, `must be one of ${CHECKSUM_MODES.join(', ')}`)),
    metadata: v.optional(UserMetadata),
    preferRegion: v.optional(RegionCode),
    avoidRegions: v.optional(
      v.pipe(
        v.array(RegionCode, 'must be an array'),
        v.maxLength(REGIONS_MAX, `must name at most ${REGIONS_MAX} Regions`),
      ),
    ),
  }),
  v.forward(
    v.partialCheck(
      [['sha256'], ['method']],
      ({ sha256, method }) => sha256 === undefined || method !== 'multipart',
      'cannot be given with method multipart: S3 has no SHA-256 of a whole multipart object; leave it out or use partChecksum',
    ),
    ['sha256'],
  ),
  v.forward(
    v.partialCheck(
      [['sha256'], ['size']],
      ({ sha256, size }) => sha256 === undefined || size <= PUT_MAX_BYTES,
      `cannot be given for more than ${PUT_MAX_BYTES} bytes: S3 has no SHA-256 of a whole multipart object`,
    ),
    ['sha256'],
  ),
);
export type CreateBody = v.InferOutput<typeof CreateBody>;

/** Throws `metadata_too_large` unless name, type and metadata fit into one grant header. */
export const checkGrantText = (body: {
  name: string;
  type: string;
  metadata?: Readonly<Record<string, string>> | undefined;
}): void => {
  const bytes = utf8Length(JSON.stringify([body.name, body.type, body.metadata ?? {}]));
  if (bytes <= GRANT_TEXT_MAX_BYTES) return;
  throw new Problem(
    'metadata_too_large',
    `JSON.stringify([name, type, metadata]) has ${bytes} bytes of UTF-8; shorten it to at most ${GRANT_TEXT_MAX_BYTES}.`,
  );
};
