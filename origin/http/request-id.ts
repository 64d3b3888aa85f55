import { randomUUID } from 'node:crypto';

const REQUEST_ID = /^[A-Za-z0-9_=-]{8,128}$/;

/** The request id that the gate passed on, if it has the form of one; else a new one. */
export const requestIdOf = (given: string | null, create: () => string = randomUUID): string =>
  given !== null && REQUEST_ID.test(given) ? given : create();
