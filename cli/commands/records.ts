import type { UploadRecord } from '../../core/contract/records.ts';
import { STATES, type State } from '../../core/contract/states.ts';
import { EXIT, UsageError } from '../exit.ts';
import { formatRecord } from '../output.ts';
import { forTerminal } from '../sanitise.ts';
import { type CommandContext, withSession } from './context.ts';

const isState = (text: string): text is State => STATES.some((state) => state === text);

const parseState = (text: string | undefined): State | undefined => {
  if (text === undefined) return undefined;
  const state = text.toUpperCase();
  if (isState(state)) return state;
  throw new UsageError(`--state ${text} is none of ${STATES.join(', ')}`);
};

const print = (context: CommandContext, record: UploadRecord): void =>
  context.output.data(context.options.json === true ? JSON.stringify(record) : formatRecord(record));

/** `ls`: own uploads of all Regions, newest first, page after page. */
export const ls = (
  context: CommandContext,
  flags: { readonly state?: string; readonly limit?: number },
): Promise<number> => {
  const state = parseState(flags.state);
  return withSession(context, async ({ client }) => {
    let left = flags.limit ?? Number.POSITIVE_INFINITY;
    const unavailable = new Set<string>();
    for (let cursor: string | null | undefined; cursor !== null && left > 0; ) {
      const page = await client.list({
        limit: Math.min(100, left),
        signal: context.signal,
        ...(state === undefined ? {} : { state }),
        ...(cursor === undefined ? {} : { cursor }),
      });
      for (const record of page.items.slice(0, left)) print(context, record);
      for (const code of page.unavailable) unavailable.add(code);
      left -= page.items.length;
      cursor = page.nextCursor;
    }
    if (unavailable.size === 0) return EXIT.done;
    context.output.failure(
      new Error(`these Regions did not answer, their uploads may be missing: ${[...unavailable].join(', ')}`),
    );
    return EXIT.failed;
  });
};

/** `show ID`: one record with its download link. */
export const show = (context: CommandContext, id: string): Promise<number> =>
  withSession(context, async ({ client }) => {
    const record = await client.get(id, { signal: context.signal });
    if (context.options.json === true) context.output.data(JSON.stringify(record));
    else {
      for (const [member, value] of Object.entries(record)) {
        const text = typeof value === 'string' ? value : JSON.stringify(value);
        context.output.data(`${member.padEnd(10)}  ${forTerminal(text)}`);
      }
    }
    return EXIT.done;
  });

/** `rm ID…`: deletes softly, or ends what is unfinished. */
export const rm = (context: CommandContext, ids: readonly string[]): Promise<number> =>
  withSession(context, async ({ client }) => {
    let code: number = EXIT.done;
    for (const id of ids) {
      try {
        await client.remove(id, { signal: context.signal });
        context.output.notice(`${id} deleted`);
      } catch (error) {
        if (context.signal.aborted) throw error;
        context.output.failure(error, id);
        code = EXIT.failed;
      }
    }
    return code;
  });

/** `restore ID`: undoes a soft delete. */
export const restore = (context: CommandContext, id: string): Promise<number> =>
  withSession(context, async ({ client }) => {
    print(context, await client.restore(id, { signal: context.signal }));
    return EXIT.done;
  });

/** `abort ID`: ends an unfinished upload. */
export const abort = (context: CommandContext, id: string): Promise<number> =>
  withSession(context, async ({ client }) => {
    await client.abort(id, { signal: context.signal });
    context.output.notice(`${id} aborted`);
    return EXIT.done;
  });
