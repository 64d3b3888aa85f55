import { ContentError } from '../errors.ts';

/** One part of a file: numbers count from 1, `start` and `size` are bytes. */
export type Part = { readonly number: number; readonly start: number; readonly size: number };

/** Cuts a file as the gateway planned. Throws `ContentError` when plan and file do not fit together. */
export const planParts = (
  size: number,
  plan: { readonly partSize: number; readonly partCount: number },
): readonly Part[] => {
  const { partSize, partCount } = plan;
  if (!(partSize > 0) || partCount !== Math.max(1, Math.ceil(size / partSize))) {
    throw new ContentError(`${partCount} parts of ${partSize} bytes do not make ${size} bytes`);
  }
  return Array.from({ length: partCount }, (_, index) => {
    const start = index * partSize;
    return { number: index + 1, start, size: Math.min(partSize, size - start) };
  });
};
