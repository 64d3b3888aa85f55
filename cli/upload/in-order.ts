/** Runs each piece of work and tells of it in the order in which they came, however they end. */
export type InOrder = {
  /** Starts a place in the order; call what it gives once, with what is to be told, when its turn may come. */
  readonly place: () => (tell: () => void) => void;
};

/** An order that is empty at first. */
export const createInOrder = (): InOrder => {
  const waiting: { tell: (() => void) | undefined }[] = [];
  const flush = () => {
    while (waiting[0]?.tell !== undefined) waiting.shift()?.tell?.();
  };
  return {
    place: () => {
      const slot: { tell: (() => void) | undefined } = { tell: undefined };
      waiting.push(slot);
      return (tell) => {
        slot.tell = tell;
        flush();
      };
    },
  };
};
