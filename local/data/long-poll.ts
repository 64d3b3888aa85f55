/** Receivers that wait for messages, by queue. */
export interface LongPolls {
  /** Something may have become receivable. */
  wake(queue: string): void;
  /**
   * Repeats `attempt` until it finds something, `waitMs` are over, or the caller is gone; then nothing more is taken on its
   * behalf. While `mayChange`, messages whose time comes without a call (visibility, delay) are found within `TICK_MS`.
   */
  receive<Answer>(
    queue: string,
    options: {
      readonly waitMs: number;
      readonly signal: AbortSignal;
      readonly found: (answer: Answer) => boolean;
      readonly mayChange: () => boolean;
    },
    attempt: () => Promise<Answer>,
  ): Promise<Answer>;
}

/** How often a waiting receiver looks by itself, in milliseconds. */
const TICK_MS = 200;

/** No receiver waits yet. */
export function createLongPolls(): LongPolls {
  const waiting = new Map<string, Set<() => void>>();

  /** Resolves when woken, when the tick is over, or when the caller is gone. */
  function pause(queue: string, ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const sleepers = waiting.get(queue) ?? new Set();
      waiting.set(queue, sleepers);
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        sleepers.delete(done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      signal.addEventListener('abort', done, { once: true });
      sleepers.add(done);
    });
  }

  return {
    wake(queue) {
      for (const done of [...(waiting.get(queue) ?? [])]) done();
    },
    async receive(queue, { waitMs, signal, found, mayChange }, attempt) {
      const until = Date.now() + waitMs;
      for (;;) {
        const answer = await attempt();
        const left = until - Date.now();
        if (found(answer) || left <= 0) return answer;
        await pause(queue, mayChange() ? Math.min(TICK_MS, left) : left, signal);
        if (signal.aborted) return answer;
      }
    },
  };
}
