import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** One bundle to build: a Lambda entry and the file that ships. */
export type Bundle = {
  /** `{room}/{entry}`, for example `edge/gate`. */
  readonly name: string;
  readonly room: 'edge' | 'origin';
  /** Source, relative to the repository. */
  readonly entry: string;
  /** Output, relative to the `dist` folder. */
  readonly file: string;
};

/** Folder of the repository, absolute, wherever the clone lies. */
export const REPOSITORY = dirname(dirname(fileURLToPath(import.meta.url)));

const ENTRY_SUFFIX = '.lambda.ts';

/** Every bundle whose entry (`{room}/{name}.lambda.ts`) exists in `root`, in a stable order. */
export const findBundles = (root: string = REPOSITORY): Bundle[] =>
  (['edge', 'origin'] as const).flatMap((room) => {
    const folder = join(root, room);
    if (!existsSync(folder)) return [];
    return readdirSync(folder)
      .filter((file) => file.endsWith(ENTRY_SUFFIX))
      .sort()
      .map((file) => {
        const name = file.slice(0, -ENTRY_SUFFIX.length);
        return { name: `${room}/${name}`, room, entry: `${room}/${file}`, file: `${room}/${name}.mjs` };
      });
  });
