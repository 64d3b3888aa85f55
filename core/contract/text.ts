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

/** What a Region code looks like. */
export const REGION_CODE = /^[a-z][a-z0-9]{1,15}$/;

/** S3's upload id as a regular expression without anchors: opaque, but of these characters and bounded. */
export const S3_UPLOAD_ID = '[A-Za-z0-9._~+/=-]{1,1024}';
