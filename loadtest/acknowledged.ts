/** One upload that the gateway has acknowledged: its finalize answered 200 with state UPLOADED. */
export type Acknowledged = {
  readonly id: string;
  /** Which caller's token owns it. */
  readonly owner: number;
  /** What its bytes are made from. */
  readonly seed: string;
  /** When it was acknowledged, in milliseconds since 1970. */
  readonly at: number;
};

/** What the k6 script printed: acknowledged uploads, and other lines as they are. */
export type ScriptOutput = { readonly acknowledged: readonly Acknowledged[]; readonly messages: readonly string[] };

const asAcknowledged = (line: string): Acknowledged | undefined => {
  if (!line.startsWith('{"id":')) return undefined;
  const { id, owner, seed, at } = JSON.parse(line) as Partial<Acknowledged>;
  if (id === undefined || owner === undefined || seed === undefined || at === undefined) return undefined;
  return { id, owner, seed, at };
};

/** Reads the console output of a k6 script. */
export const parseScriptOutput = (text: string): ScriptOutput => {
  const acknowledged: Acknowledged[] = [];
  const messages: string[] = [];
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const entry = asAcknowledged(line);
    if (entry === undefined) messages.push(line);
    else acknowledged.push(entry);
  }
  return { acknowledged, messages };
};

/** Most uploads acknowledged within any one second. */
export const peakPerSecond = (acknowledged: readonly Acknowledged[]): number => {
  const times = acknowledged.map(({ at }) => at).sort((one, two) => one - two);
  let most = 0;
  let first = 0;
  for (const [index, time] of times.entries()) {
    while (time - (times[first] ?? time) >= 1_000) first += 1;
    most = Math.max(most, index - first + 1);
  }
  return most;
};
