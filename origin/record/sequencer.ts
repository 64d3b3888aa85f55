/**
 * Whether sequencer `a` is later than `b`, both of one key: hex strings compared after padding the shorter on the right with zeros.
 * Source: "Event message structure" (Amazon S3 User Guide).
 */
export const isLaterSequencer = (a: string, b: string): boolean => {
  const length = Math.max(a.length, b.length);
  return a.toLowerCase().padEnd(length, '0') > b.toLowerCase().padEnd(length, '0');
};

/** The later of two sequencers of one key; `null` is earlier than all. */
export const laterSequencer = (a: string | null, b: string | null): string | null => {
  if (a === null) return b;
  if (b === null) return a;
  return isLaterSequencer(b, a) ? b : a;
};
