/** Length in bytes of UTF-8. */
export const utf8Length = (text: string): number => new TextEncoder().encode(text).length;

/** Length in Unicode code points. */
export const codePointLength = (text: string): number => [...text].length;

/** Whether a value is a plain object whose own members are all well-formed strings under well-formed names. */
export const isStringMap = (value: unknown): value is Readonly<Record<string, string>> =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  Object.entries(value).every(
    ([name, member]) => name.isWellFormed() && typeof member === 'string' && member.isWellFormed(),
  );
