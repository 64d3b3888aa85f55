import { opendir, stat } from 'node:fs/promises';
import { basename, join, posix, resolve } from 'node:path';

/** One thing to upload, or why it cannot be. */
export type Found =
  /** `inFolder` is the path below the folder that was named, with `/`, its own name first; `null` for a file named itself. */
  | { readonly kind: 'file'; readonly path: string; readonly size: number; readonly inFolder: string | null }
  | { readonly kind: 'stdin'; readonly path: '-' }
  /** A folder that was named; what is in it follows. */
  | { readonly kind: 'folder'; readonly path: string }
  /** A file or folder of a folder whose name begins with a dot, left out. */
  | { readonly kind: 'hidden'; readonly path: string }
  | { readonly kind: 'skipped'; readonly path: string; readonly why: string }
  | { readonly kind: 'failed'; readonly path: string; readonly error: unknown };

const entriesOf = async (path: string) => {
  const entries = [];
  for await (const entry of await opendir(path)) entries.push(entry);
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
};

const walk = async function* (path: string, inFolder: string, hidden: boolean): AsyncGenerator<Found> {
  let entries: Awaited<ReturnType<typeof entriesOf>>;
  try {
    entries = await entriesOf(path);
  } catch (error) {
    yield { kind: 'failed', path, error };
    return;
  }
  for (const entry of entries) {
    const below = join(path, entry.name);
    const name = posix.join(inFolder, entry.name);
    if (!hidden && entry.name.startsWith('.')) yield { kind: 'hidden', path: below };
    else if (entry.isDirectory()) yield* walk(below, name, hidden);
    else if (entry.isFile()) yield* statFile(below, name);
    // A link may lead out of the folder or in a circle; who means its target can name it.
    else yield { kind: 'skipped', path: below, why: entry.isSymbolicLink() ? 'it is a link' : 'it is not a file' };
  }
};

const statFile = async function* (path: string, inFolder: string | null): AsyncGenerator<Found> {
  try {
    const { size } = await stat(path);
    yield { kind: 'file', path, size, inFolder };
  } catch (error) {
    yield { kind: 'failed', path, error };
  }
};

/**
 * The files that the arguments of a command name, folders walked in order of names; `-` is standard input. In folders,
 * names that begin with a dot are left out unless `hidden`; what was named itself never is.
 */
export const findFiles = async function* (names: readonly string[], hidden: boolean): AsyncGenerator<Found> {
  for (const name of names) {
    if (name === '-') {
      yield { kind: 'stdin', path: '-' };
      continue;
    }
    try {
      if ((await stat(name)).isDirectory()) {
        yield { kind: 'folder', path: name };
        yield* walk(name, basename(resolve(name)), hidden);
      } else yield* statFile(name, null);
    } catch (error) {
      yield { kind: 'failed', path: name, error };
    }
  }
};
