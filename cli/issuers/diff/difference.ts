/** What a change does to those outside: lets more in, lets less in, moves every owner's uploads out of reach, or neither. */
export const EFFECTS = ['widens', 'narrows', 're-keys', 'neutral'] as const;
export type Effect = (typeof EFFECTS)[number];

/** One change in words a reviewer understands. */
export type Difference = {
  /** Registry id. */
  readonly issuer: string;
  readonly effect: Effect;
  /** The end of a sentence that begins with the id. */
  readonly text: string;
};

/** What a change does, before it has a name to it. */
export type Change = Omit<Difference, 'issuer'>;

export const widens = (text: string): Change => ({ effect: 'widens', text });
export const narrows = (text: string): Change => ({ effect: 'narrows', text });
export const rekeys = (text: string): Change => ({ effect: 're-keys', text });
export const neutral = (text: string): Change => ({ effect: 'neutral', text });

const MARKS: Readonly<Record<Effect, string>> = {
  widens: 'WIDENS  ',
  narrows: 'narrows ',
  're-keys': 'RE-KEYS ',
  neutral: '        ',
};

/** One line: the mark, the issuer, what changes. */
export const formatDifference = ({ issuer, effect, text }: Difference): string => `${MARKS[effect]} ${issuer}: ${text}`;
