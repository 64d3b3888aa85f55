import * as v from 'valibot';
import { KeysAskedEvent } from '../../core/contract/events.ts';
import type { Wanted } from './refresh.ts';

const Messages = v.object({ Records: v.array(v.object({ body: v.string() })) });

const issuerOf = (body: string): string | undefined => {
  try {
    const asked = v.safeParse(KeysAskedEvent, JSON.parse(body));
    return asked.success ? asked.output.issuer : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
};

/** Whose keys an invocation wants: the issuers its messages name; everybody's for a schedule and for a message that names none. Never throws. */
export const readWanted = (event: unknown): Wanted => {
  const messages = v.safeParse(Messages, event);
  if (!messages.success) return 'all';
  const ids = messages.output.Records.map(({ body }) => issuerOf(body));
  const named = ids.filter((id) => id !== undefined);
  return named.length > 0 && named.length === ids.length ? new Set(named) : 'all';
};
