import * as v from 'valibot';
import { OBJECT_MAX_BYTES } from './limits.ts';
import { REGION_CODE } from './text.ts';

/** What fields of requests and registry documents have in common: each rule and its sentence once, because the gate carries them. */

export const Text = v.string('must be a string');

/** A whole number of `unit`, from `min` to `max`. */
export const whole = (unit: string, min: number, max: number) =>
  v.pipe(
    v.number(`must be a number of ${unit}`),
    v.integer(`must be a whole number of ${unit}`),
    v.minValue(min, min === 0 ? 'must not be negative' : `must be at least ${min} ${unit}`),
    v.maxValue(max, `must be at most ${max} ${unit}`),
  );

/** Bytes of an object, up to the largest that S3 takes. */
export const ObjectBytes = whole('bytes', 0, OBJECT_MAX_BYTES);

/** Code of a Region, such as `euw1`. */
export const RegionCode = v.pipe(Text, v.regex(REGION_CODE, 'must be a Region code, such as euw1'));
