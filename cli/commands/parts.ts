import { EXIT } from '../exit.ts';
import { formatBytes } from '../output.ts';
import { type CommandContext, withSession } from './context.ts';

/** Numbers as people write them: `3, 7–12`. */
export const formatNumbers = (numbers: readonly number[]): string => {
  const ranges: [number, number][] = [];
  for (const number of numbers) {
    const last = ranges.at(-1);
    if (last !== undefined && last[1] + 1 === number) last[1] = number;
    else ranges.push([number, number]);
  }
  return ranges.map(([from, to]) => (from === to ? `${from}` : `${from}–${to}`)).join(', ');
};

/** `parts ID`: what S3 has of an unfinished upload. */
export const parts = (context: CommandContext, id: string): Promise<number> =>
  withSession(context, async ({ client }) => {
    const list = await client.listParts(id, { signal: context.signal });
    if (context.options.json === true) {
      context.output.data(JSON.stringify(list));
      return EXIT.done;
    }
    context.output.data(`${list.parts.length} of ${list.partCount} parts of ${formatBytes(list.partSize)}`);
    if (list.missing.length > 0) context.output.data(`missing ${formatNumbers(list.missing)}`);
    if (list.wrong.length > 0) context.output.data(`wrong ${formatNumbers(list.wrong)}`);
    return EXIT.done;
  });
