import type { IncomingMessage } from 'node:http';

/** How long an unread body may go on after an early answer, in milliseconds. */
const DRAIN_MS = 2_000;

/** Reads away what is left of a body after an early answer, for a bounded time, so that the viewer gets to read the answer. */
export const drain = (request: IncomingMessage): void => {
  if (request.complete) return;
  request.on('error', () => request.destroy());
  request.resume();
  const timer = setTimeout(() => request.destroy(), DRAIN_MS);
  request.once('close', () => clearTimeout(timer));
};
