import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';

/** A message as it must be sent again: the members of SendMessage that are the message's own. */
export interface JournalMessage {
  readonly queue: string;
  readonly MessageBody: string;
  readonly MessageAttributes?: unknown;
  readonly MessageGroupId?: string;
  readonly MessageDeduplicationId?: string;
}

/** What is on disk of one Region's queues: every accepted message that is not deleted yet. */
export interface Journal {
  /** On disk when it returns (the machine's cache, so it outlives the process). Answers the entry's id. */
  add(message: JournalMessage): number;
  /** The message went to another queue (dead letters). */
  move(id: number, queue: string): void;
  /** The message was consumed. Unknown ids are ignored. */
  remove(id: number): void;
  /** Entries in the order they were added. */
  entries(): readonly (readonly [id: number, message: JournalMessage])[];
  close(): void;
}

type Line =
  | { readonly op: '+'; readonly id: number; readonly message: JournalMessage }
  | { readonly op: '>'; readonly id: number; readonly queue: string }
  | { readonly op: '-'; readonly id: number };

/** Rewritten when it has this many lines and fewer than half of them count. */
const COMPACT_LINES = 20_000;

/** Opens the journal in `path`, reading what an earlier process left; a torn last line is dropped. */
export function openJournal(path: string): Journal {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const live = new Map<number, JournalMessage>();
  for (const line of readLines(path)) apply(live, line);
  let next = Math.max(0, ...live.keys()) + 1;
  let lines = 0;
  let file = rewrite();

  function rewrite(): number {
    const temporary = `${path}.new`;
    const text = [...live].map(([id, message]) => `${JSON.stringify({ op: '+', id, message })}\n`).join('');
    writeFileSync(temporary, text, { mode: 0o600 });
    renameSync(temporary, path);
    lines = live.size;
    return openSync(path, 'a', 0o600);
  }

  function append(line: Line): void {
    writeSync(file, `${JSON.stringify(line)}\n`);
    apply(live, line);
    lines += 1;
    if (lines < COMPACT_LINES || lines < 2 * live.size) return;
    closeSync(file);
    file = rewrite();
  }

  return {
    add(message) {
      const id = next;
      next += 1;
      append({ op: '+', id, message });
      return id;
    },
    move(id, queue) {
      if (live.has(id)) append({ op: '>', id, queue });
    },
    remove(id) {
      if (live.has(id)) append({ op: '-', id });
    },
    entries: () => [...live],
    close: () => closeSync(file),
  };
}

function apply(live: Map<number, JournalMessage>, line: Line): void {
  if (line.op === '+') live.set(line.id, line.message);
  if (line.op === '-') live.delete(line.id);
  if (line.op === '>') {
    const message = live.get(line.id);
    if (message) live.set(line.id, { ...message, queue: line.queue });
  }
}

function readLines(path: string): Line[] {
  if (!existsSync(path)) return [];
  const pieces = readFileSync(path, 'utf8').split('\n');
  pieces.pop(); // empty, or torn by a crash while it was written: then it was never acknowledged
  return pieces.map((piece) => JSON.parse(piece) as Line);
}
