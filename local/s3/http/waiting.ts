import type { IncomingMessage } from 'node:http';

/** Requests whose client waits for 100 Continue before it sends its body; set by the server before the handler runs. */
export const WAITING_FOR_CONTINUE = new WeakSet<IncomingMessage>();
