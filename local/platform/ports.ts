import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * Below the range from which systems take ports for outgoing connections (32768 and up on Linux, 49152 elsewhere), so that
 * a kept port is still free at the next start.
 */
const FIRST = 20_000;
const LAST = 31_999;

/** `count` different ports on 127.0.0.1 that nobody listens on now, none of them in `taken`. */
export async function findFreePorts(count: number, taken: ReadonlySet<number>): Promise<number[]> {
  const found = new Set<number>();
  for (let tries = 0; found.size < count; tries += 1) {
    if (tries > 50 * (count + 1)) throw new Error(`no ${count} free ports from ${FIRST} to ${LAST} on 127.0.0.1`);
    const port = randomInt(FIRST, LAST + 1);
    if (!taken.has(port) && !found.has(port) && (await isFree(port))) found.add(port);
  }
  return [...found];
}

/** Whether nobody listens on a port of 127.0.0.1. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(false);
      else reject(error);
    });
    probe.listen({ port, host: '127.0.0.1', exclusive: true }, () => probe.close(() => resolve(true)));
  });
}
