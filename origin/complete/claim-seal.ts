import { createHash } from 'node:crypto';
import * as v from 'valibot';
import type { FinalizeBody } from '../../core/contract/schemas.ts';
import type { HeldPart } from '../objects/part-store.ts';
import { bareEtag, sha256Hex } from './part-claims.ts';

type PartClaim = NonNullable<FinalizeBody['parts']>[number];
type Field = 'size' | 'etag' | 'sha256';

const Bits = v.pipe(v.string(), v.base64());

/**
 * What a client says of its parts, short enough for a queue message even when there are ten thousand of them: for each fact the parts
 * it is claimed of, a bit each in base64, and one SHA-256 in base64 over all claims. It tells that something differs, not what.
 */
export const ClaimSealSchema = v.strictObject({ size: Bits, etag: Bits, sha256: Bits, digest: v.string() });
export type ClaimSeal = v.InferOutput<typeof ClaimSealSchema>;

const FIELDS: readonly Field[] = ['size', 'etag', 'sha256'];

/** Digest of claims that contradict each other: no parts have it. */
const CONTRADICTORY = '';

const bitsOf = (numbers: readonly number[]): string => {
  const bits = Buffer.alloc(Math.ceil((Math.max(0, ...numbers) + 1) / 8));
  for (const number of numbers) bits.writeUInt8(bits.readUInt8(number >> 3) | (1 << (number & 7)), number >> 3);
  return bits.toString('base64');
};

const numbersOf = (text: string): Set<number> => {
  const bits = Buffer.from(text, 'base64');
  const all = Array.from({ length: bits.length * 8 }, (_, number) => number);
  return new Set(all.filter((number) => ((bits[number >> 3] ?? 0) & (1 << (number & 7))) !== 0));
};

const lineOf = (number: number, { size, etag, sha256 }: Omit<PartClaim, 'number'>): string =>
  `${number} ${size ?? ''} ${etag ?? ''} ${sha256 ?? ''}\n`;

/** Lines in the order of the numbers. */
const digestOf = (lines: ReadonlyMap<number, string>): string => {
  const hash = createHash('sha256');
  for (const [, line] of [...lines].sort(([a], [b]) => a - b)) hash.update(line);
  return hash.digest('base64');
};

/** One claim for each part; `undefined` when two contradict each other. */
const merge = (claims: readonly PartClaim[]): ReadonlyMap<number, Omit<PartClaim, 'number'>> | undefined => {
  const merged = new Map<number, Omit<PartClaim, 'number'>>();
  for (const { number, ...claim } of claims) {
    const own = { ...claim, ...(claim.etag === undefined ? {} : { etag: bareEtag(claim.etag) }) };
    const other = merged.get(number) ?? {};
    for (const field of FIELDS) {
      if (own[field] !== undefined && other[field] !== undefined && own[field] !== other[field]) return undefined;
    }
    merged.set(number, { ...other, ...own });
  }
  return merged;
};

/** Seals the claims of a finalize; `null`: it claims nothing of its parts but that they are there. */
export const sealClaims = ({ parts = [] }: FinalizeBody): ClaimSeal | null => {
  const claims = parts.filter((claim) => FIELDS.some((field) => claim[field] !== undefined));
  if (claims.length === 0) return null;
  const merged = merge(claims) ?? new Map<number, Omit<PartClaim, 'number'>>();
  const having = (field: Field): string =>
    bitsOf([...merged].filter(([, claim]) => claim[field] !== undefined).map(([number]) => number));
  const lines = new Map([...merged].map(([number, claim]) => [number, lineOf(number, claim)]));
  return {
    size: having('size'),
    etag: having('etag'),
    sha256: having('sha256'),
    digest: merged.size === 0 ? CONTRADICTORY : digestOf(lines),
  };
};

/** Whether what S3 holds is what was claimed. */
export const holdsSeal = (seal: ClaimSeal, held: readonly HeldPart[]): boolean => {
  const claimed = { size: numbersOf(seal.size), etag: numbersOf(seal.etag), sha256: numbersOf(seal.sha256) };
  const lines = new Map<number, string>();
  for (const { number, size, etag, sha256 } of held) {
    if (!FIELDS.some((field) => claimed[field].has(number))) continue;
    const facts = {
      ...(claimed.size.has(number) ? { size } : {}),
      ...(claimed.etag.has(number) ? { etag: bareEtag(etag) } : {}),
      ...(claimed.sha256.has(number) ? { sha256: sha256Hex(sha256) ?? 'none' } : {}),
    };
    lines.set(number, lineOf(number, facts));
  }
  return digestOf(lines) === seal.digest;
};
