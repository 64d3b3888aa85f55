import { regionByCode } from '../../../core/config/regions.ts';
import { formatBytes } from '../../output.ts';

/** A list as a person would say it: `a`, `a and b`, `a, b and c`. */
export const inWords = (items: readonly string[]): string =>
  items.length < 2 ? (items[0] ?? 'nothing') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;

/** A span of seconds in the largest unit that says it exactly: `24 h`, `90 s`; days from two on. */
export const span = (seconds: number): string => {
  if (seconds > 0 && seconds % 86_400 === 0 && seconds > 86_400) return `${seconds / 86_400} days`;
  if (seconds > 0 && seconds % 3_600 === 0) return `${seconds / 3_600} h`;
  if (seconds > 0 && seconds % 60 === 0) return `${seconds / 60} min`;
  return `${seconds} s`;
};

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** A size for people, never rounded without its exact bytes. */
export const size = (bytes: number): string => {
  const exact = UNITS.map((unit, power) => ({ unit, count: bytes / 1_024 ** power }))
    .filter(({ count }) => Number.isInteger(count))
    .at(bytes === 0 ? 0 : -1);
  const isShort = exact !== undefined && exact.count < 100_000;
  return isShort ? `${exact.count} ${exact.unit}` : `${formatBytes(bytes)} (${bytes} bytes)`;
};

/** AWS's name of a Region, which reviewers know. */
export const regionName = (code: string): string => regionByCode(code)?.name ?? code;

/** A path of claims: `org → id`. */
export const claimPath = (path: readonly string[] | null): string => (path === null ? 'none' : path.join(' → '));

/** A text in quotation marks, safe to print. */
export const quoted = (text: string): string => JSON.stringify(text);
