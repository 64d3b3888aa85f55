import { type JsonShapeFault, type JsonShapeLimits, jsonShapeFault } from './json-shape.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

export type ReadJson =
  | { readonly ok: true; readonly value: JsonObject }
  | { readonly ok: false; readonly fault: 'not_utf8' | 'not_json' | 'not_an_object' | JsonShapeFault };

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Whether a value is a JSON object, not an array and not null. */
export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const parse = (text: string): { value: unknown } | undefined => {
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
};

/** Text of strict UTF-8, a byte order mark included; `undefined` for bytes that are none. */
export const decodeUtf8 = (bytes: Uint8Array): string | undefined => {
  try {
    return decoder.decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
};

/** Reads one JSON object from bytes: strict UTF-8 without byte order mark, bounded shape, no repeated members. Never throws. */
export const readJsonObject = (bytes: Uint8Array, limits: JsonShapeLimits): ReadJson => {
  const text = decodeUtf8(bytes);
  if (text === undefined) return { ok: false, fault: 'not_utf8' };
  const parsed = parse(text);
  if (parsed === undefined) return { ok: false, fault: 'not_json' };
  const fault = jsonShapeFault(text, limits);
  if (fault !== null) return { ok: false, fault };
  return isJsonObject(parsed.value) ? { ok: true, value: parsed.value } : { ok: false, fault: 'not_an_object' };
};
