/** Gives sequencers: hex of fixed width that only rises, also over restarts and when the machine's clock steps back. */
export interface Sequencer {
  next(): string;
  /** Takes notice of one that was given before. */
  seen(value: string): void;
  last(): string;
}

const WIDTH = 18;
/** Room for this many in one millisecond before the count runs ahead of the clock. */
const PER_MILLISECOND = 4096n;

/** Sequencers that start from `now()`, in milliseconds. */
export function createSequencer(now: () => number): Sequencer {
  let last = 0n;
  const text = (): string => last.toString(16).toUpperCase().padStart(WIDTH, '0');
  return {
    next() {
      const floor = BigInt(Math.floor(now())) * PER_MILLISECOND;
      last = floor > last ? floor : last + 1n;
      return text();
    },
    seen(value) {
      const number = BigInt(`0x${value}`);
      if (number > last) last = number;
    },
    last: text,
  };
}
