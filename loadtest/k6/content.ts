/**
 * The bytes of one upload, from its seed alone, so that the audit can compare them without having kept them.
 * Imports nothing: k6 and Node both load it. ASCII, so characters are bytes.
 */
export const contentOf = (seed: string, bytes: number): string => {
  const line = `${seed}|`;
  return line.repeat(Math.ceil(bytes / line.length)).slice(0, bytes);
};
