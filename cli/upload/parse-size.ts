const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  B: 1,
  KIB: 1_024,
  MIB: 1_048_576,
  GIB: 1_073_741_824,
  TIB: 1_099_511_627_776,
  K: 1_024,
  M: 1_048_576,
  G: 1_073_741_824,
  T: 1_099_511_627_776,
};

/** Bytes of a text such as `16MiB`, `5g` or `1048576`; all units are powers of 1,024. `undefined` if it is none. */
export const parseSize = (text: string): number | undefined => {
  const [, digits, unit = ''] = /^(\d+)\s*([a-z]*)$/i.exec(text.trim()) ?? [];
  const factor = UNITS[unit.toUpperCase()];
  if (digits === undefined || factor === undefined) return undefined;
  const bytes = Number(digits) * factor;
  return Number.isSafeInteger(bytes) ? bytes : undefined;
};
