/** Types a browser may show by itself when asked; never anything that can carry script (SVG, HTML, XML, text, JavaScript). */
const INLINE_TYPES: ReadonlySet<string> = new Set([
  'image/png',
  'image/jpeg',
  'image/gif',
  'image/webp',
  'image/avif',
  'video/mp4',
  'video/webm',
  'audio/mpeg',
  'audio/mp3',
  'application/pdf',
]);

const essenceOf = (type: string): string => (type.split(';', 1)[0] ?? '').trim();

/** Whether a type may be shown in a browser window. */
export const isInlineType = (type: string): boolean => INLINE_TYPES.has(essenceOf(type));

/** Printable ASCII for old readers; quotes, backslashes, percent signs and slashes would be read differently by each. */
const fallbackName = (name: string): string => {
  const ascii = [...name.normalize('NFKD')]
    .filter((character) => !/\p{M}/u.test(character))
    .map((character) => (/^[\x20-\x7e]$/.test(character) && !/["\\%/]/.test(character) ? character : '_'))
    .join('')
    .trim();
  return ascii === '' || /^[._]+$/.test(ascii) ? 'download' : ascii;
};

/** RFC 8187 `ext-value`: UTF-8, every byte but `attr-char` percent-encoded. */
const extendedName = (name: string): string =>
  encodeURIComponent(name.toWellFormed()).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );

/**
 * The `Content-Disposition` of a download (RFC 6266): the original name, with an ASCII fallback where it needs one.
 * `attachment` unless the caller asked for `inline` and the type is harmless.
 */
export const contentDisposition = (input: {
  readonly name: string;
  readonly type: string;
  readonly inline: boolean;
}): string => {
  const kind = input.inline && isInlineType(input.type) ? 'inline' : 'attachment';
  const fallback = fallbackName(input.name);
  const extended = fallback === input.name ? '' : `; filename*=UTF-8''${extendedName(input.name)}`;
  return `${kind}; filename="${fallback}"${extended}`;
};
