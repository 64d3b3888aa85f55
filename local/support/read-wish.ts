import type { IncomingMessage } from 'node:http';
import { isBodyTooLarge, readBody } from './http.ts';

/** The JSON object of a request that changes something on this machine. */
export type Wish = Readonly<Record<string, unknown>>;

/** Why a request is not done, and the status to say so with. */
export type WishFault = { readonly status: 400 | 403 | 415; readonly error: string };

const MAX_BODY_BYTES = 65_536;

/**
 * Reads what a request wishes; an empty body wishes nothing. It takes `application/json` alone, which no page may send elsewhere unasked, and
 * nothing from a page of another origin than `own`, so that no web site can act through a developer's browser.
 */
export async function readWish(request: IncomingMessage, own: string): Promise<{ readonly wish: Wish } | WishFault> {
  const { origin, 'content-type': type = '' } = request.headers;
  if (origin !== undefined && origin !== own) {
    request.resume();
    return { status: 403, error: 'not for pages of another origin' };
  }
  if (type.split(';')[0]?.trim().toLowerCase() !== 'application/json') {
    request.resume();
    return { status: 415, error: 'this route takes content-type: application/json' };
  }
  try {
    const text = (await readBody(request, MAX_BODY_BYTES)).toString('utf8');
    const value: unknown = text === '' ? {} : JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? { wish: value as Wish }
      : { status: 400, error: 'an object is needed' };
  } catch (error) {
    if (error instanceof SyntaxError) return { status: 400, error: 'the body is not JSON' };
    if (isBodyTooLarge(error)) return { status: 400, error: 'the body is too long' };
    throw error;
  }
}
