import type { UploadOptions } from '../../client/upload.ts';
import { AUTO_PUT_MAX_BYTES, PART_MAX_BYTES, PART_MIN_BYTES } from '../../core/contract/limits.ts';
import { UsageError } from '../exit.ts';
import { parseSize } from './parse-size.ts';

export type WishFlags = {
  readonly method?: string;
  readonly partSize?: string;
  readonly sha256?: boolean;
  readonly preferRegion?: string;
};

export const METHOD_NAMES = ['auto', 'put', 'form', 'multipart'] as const;

/** What a file asks of the gateway, and whether its hash is to be computed first. */
export type Wishes = Pick<UploadOptions, 'method' | 'partSize' | 'partChecksum' | 'preferRegion'> & {
  readonly hashWhole: boolean;
};

const MIB = 1_048_576;

const parsePartSize = (text: string): number => {
  const bytes = parseSize(text);
  if (bytes === undefined || bytes % MIB !== 0 || bytes < PART_MIN_BYTES || bytes > PART_MAX_BYTES)
    throw new UsageError(`--part-size ${text} is no whole number of MiB from 5MiB to 5GiB, such as 16MiB`);
  return bytes;
};

const parseMethod = (text: string): (typeof METHOD_NAMES)[number] => {
  const method = METHOD_NAMES.find((name) => name === text);
  if (method === undefined) throw new UsageError(`--method ${text} is none of ${METHOD_NAMES.join(', ')}`);
  return method;
};

/** Reads the flags once; what comes out gives each file its wishes by its size. Throws `UsageError`. */
export const readWishes = (flags: WishFlags): ((size: number) => Wishes) => {
  const method = flags.method === undefined ? undefined : parseMethod(flags.method);
  const partSize = flags.partSize === undefined ? undefined : parsePartSize(flags.partSize);
  if (partSize !== undefined && (method === 'put' || method === 'form'))
    throw new UsageError(`--part-size does not go with --method ${method}, which sends the file in one piece`);
  return (size) => {
    const inParts = method === 'multipart' || ((method ?? 'auto') === 'auto' && size > AUTO_PUT_MAX_BYTES);
    return {
      hashWhole: flags.sha256 === true && !inParts,
      ...(method === undefined ? {} : { method }),
      ...(inParts && partSize !== undefined ? { partSize } : {}),
      ...(inParts && flags.sha256 === true ? { partChecksum: 'sha256' as const } : {}),
      ...(flags.preferRegion === undefined ? {} : { preferRegion: flags.preferRegion }),
    };
  };
};
