/**
 * Percent-encoding on bytes. Strings here hold one byte per character (as node gives request targets and headers), so
 * that a name which is not UTF-8 is neither lost nor repaired on its way into a signature.
 */

const PLAIN = /^[A-Za-z0-9\-._~]*$/;
const PLAIN_PATH = /^[A-Za-z0-9\-._~/]*$/;

const ENCODED: readonly string[] = Array.from({ length: 256 }, (_, byte) => {
  const char = String.fromCharCode(byte);
  return PLAIN.test(char) ? char : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
});

/** Bytes (one per character) with every byte but RFC 3986's unreserved ones as `%XX`; `keepSlash` leaves `/` alone. */
export function percentEncode(bytes: string, keepSlash = false): string {
  if ((keepSlash ? PLAIN_PATH : PLAIN).test(bytes)) return bytes;
  let out = '';
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes.charCodeAt(i) & 0xff;
    out += keepSlash && byte === 0x2f ? '/' : ENCODED[byte];
  }
  return out;
}

/** The bytes behind `text`; `plusIsSpace` as in query strings. Null when a `%` is not followed by two hex digits. */
export function percentDecode(text: string, plusIsSpace = false): string | null {
  const spaced = plusIsSpace && text.includes('+') ? text.replaceAll('+', ' ') : text;
  if (!spaced.includes('%')) return spaced;
  let out = '';
  for (let i = 0; i < spaced.length; i++) {
    const char = spaced[i] ?? '';
    if (char !== '%') {
      out += char;
      continue;
    }
    const hex = spaced.slice(i + 1, i + 3);
    if (!/^[0-9A-Fa-f]{2}$/.test(hex)) return null;
    out += String.fromCharCode(Number.parseInt(hex, 16));
    i += 2;
  }
  return out;
}

/** A byte string read as UTF-8; null when it is not. */
export function bytesToText(bytes: string): string | null {
  if (isAscii(bytes)) return bytes;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(bytes, 'latin1'));
  } catch {
    return null; // only a decoding fault can be thrown here, and it is this function's answer
  }
}

function isAscii(bytes: string): boolean {
  for (let i = 0; i < bytes.length; i++) if (bytes.charCodeAt(i) > 0x7f) return false;
  return true;
}
