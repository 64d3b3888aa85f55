/** Base64 of a few bytes. */
export const base64Of = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes));

/** Bytes of a base64 text. */
export const bytesOfBase64 = (text: string): Uint8Array => Uint8Array.from(atob(text), (char) => char.charCodeAt(0));

/** Lower-case hex digits. */
export const hexOf = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

/** Bytes of hex digits. */
export const bytesOfHex = (text: string): Uint8Array =>
  Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));

/** Copies all chunks into one array of `size` bytes. Throws a `RangeError` when they are more. */
export const collect = async (chunks: AsyncIterable<Uint8Array>, size: number): Promise<Uint8Array<ArrayBuffer>> => {
  const all = new Uint8Array(size);
  let length = 0;
  for await (const chunk of chunks) {
    all.set(chunk, length);
    length += chunk.length;
  }
  return all.subarray(0, length);
};

/** SHA-256 of a few bytes, by the platform's WebCrypto. */
export const sha256Of = async (bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> =>
  new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
