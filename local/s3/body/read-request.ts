import type { IncomingMessage } from 'node:http';
import { fault } from '../errors.ts';

/**
 * The request's body as it comes. A client that leaves in the middle is IncompleteBody, one that sends nothing for
 * `idleMs` RequestTimeout. The request itself is left alone, so that an answer can still be sent.
 */
export async function* readRequest(request: IncomingMessage, idleMs: number): AsyncGenerator<Buffer> {
  let idle = false;
  let wakeUp: (() => void) | null = null;
  const timer = setTimeout(() => {
    idle = true;
    wakeUp?.();
  }, idleMs);
  const iterator = request.iterator({ destroyOnReturn: false })[Symbol.asyncIterator]();
  try {
    for (;;) {
      const stalled = new Promise<'stalled'>((resolve) => {
        wakeUp = () => resolve('stalled');
      });
      const next = await Promise.race([iterator.next(), stalled]);
      if (next === 'stalled' || idle) throw fault('RequestTimeout', { headers: { connection: 'close' } });
      if (next.done) return;
      timer.refresh();
      yield next.value as Buffer;
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ECONNRESET') throw fault('IncompleteBody');
    throw error;
  } finally {
    clearTimeout(timer);
    if (!idle) await iterator.return?.(); // lets go of the request, so that what is left can be read past
  }
}
