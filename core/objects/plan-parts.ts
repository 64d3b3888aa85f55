import type { Plan } from '../contract/grant.ts';
import { AUTO_PART_MIN_BYTES, PART_MAX_BYTES, PART_MIN_BYTES, PARTS_MAX } from '../contract/limits.ts';

const MIB = 1_048_576;

/** What of a plan says where its parts are; `partSize` in bytes, above 0. */
export type PartPlan = Pick<Plan, 'size' | 'partSize'>;

/** The smallest multiple of 1 MiB, at least `from`, of which `size` bytes need no more than 10,000 parts; all in bytes. */
const smallestPart = (size: number, from: number): number => Math.max(from, Math.ceil(size / PARTS_MAX / MIB) * MIB);

/** The part size for `size` bytes when nobody asked for one: the smallest that does, at least 8 MiB. */
export const partSizeFor = (size: number): number => smallestPart(size, AUTO_PART_MIN_BYTES);

/** The smallest part size S3 takes for `size` bytes. */
export const leastPartSize = (size: number): number => smallestPart(size, PART_MIN_BYTES);

/** Parts of an upload; one, empty, for 0 bytes. Throws a RangeError for a plan that S3 has no parts for. */
export const partCount = ({ size, partSize }: PartPlan): number => {
  const count = Math.max(1, Math.ceil(size / partSize));
  if (partSize >= PART_MIN_BYTES && partSize <= PART_MAX_BYTES && count <= PARTS_MAX) return count;
  throw new RangeError(`${size} bytes cannot be uploaded in parts of ${partSize}`);
};

/** Bytes of one part, counted from 1; only the last is shorter. Throws a RangeError for a number beyond the plan. */
export const partLength = (plan: PartPlan, number: number): number => {
  const count = partCount(plan);
  if (!Number.isInteger(number) || number < 1 || number > count) {
    throw new RangeError(`part ${number} is none of the ${count} planned`);
  }
  return number < count ? plan.partSize : plan.size - (count - 1) * plan.partSize;
};
