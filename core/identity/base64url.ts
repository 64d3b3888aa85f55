/** The bytes of canonical base64url (RFC 4648 section 5, no padding, spare bits 0); `undefined` for every other spelling. */
export const decodeBase64url = (text: string): Buffer | undefined => {
  const bytes = Buffer.from(text, 'base64url');
  return bytes.toString('base64url') === text ? bytes : undefined;
};
