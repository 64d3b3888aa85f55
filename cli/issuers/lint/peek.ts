import { isJsonObject } from '../../../core/identity/json-bytes.ts';

/** The value at a path of own members of something that may be an entry; `undefined` if any step is missing. */
export const at = (value: unknown, ...path: readonly string[]): unknown => {
  let found: unknown = value;
  for (const name of path) {
    if (!isJsonObject(found) || !Object.hasOwn(found, name)) return undefined;
    found = found[name];
  }
  return found;
};

/** The texts of the list at a path; empty if there is none. */
export const textsAt = (value: unknown, ...path: readonly string[]): readonly string[] => {
  const found = at(value, ...path);
  return Array.isArray(found) ? found.filter((item) => typeof item === 'string') : [];
};

/** The text at a path. */
export const textAt = (value: unknown, ...path: readonly string[]): string | undefined => {
  const found = at(value, ...path);
  return typeof found === 'string' ? found : undefined;
};

/** The number at a path. */
export const numberAt = (value: unknown, ...path: readonly string[]): number | undefined => {
  const found = at(value, ...path);
  return typeof found === 'number' ? found : undefined;
};
