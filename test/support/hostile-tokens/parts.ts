/** One of the three parts of a token. */
export const part = (token: string, index: number): string => token.split('.')[index] ?? '';

/** The token with one part changed. */
export const withPart = (token: string, index: number, change: (old: string) => string): string =>
  token
    .split('.')
    .map((old, at) => (at === index ? change(old) : old))
    .join('.');
