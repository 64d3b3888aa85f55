import { createWriteStream } from 'node:fs';

/** What is told of one request: never its query, headers or body. */
export interface AccessLine {
  readonly time: string;
  readonly region: string;
  readonly method: string;
  /** Path as sent, without the query. */
  readonly path: string;
  readonly status: number;
  /** S3's error code; null when it went well. */
  readonly code: string | null;
  readonly ms: number;
}

export interface AccessLog {
  write(line: AccessLine): void;
  close(): Promise<void>;
}

/** Appends a JSON line a request to `path`; with null it tells nobody. */
export function openAccessLog(path: string | null): AccessLog {
  if (path === null) return { write: () => {}, close: async () => {} };
  const stream = createWriteStream(path, { flags: 'a', mode: 0o600 });
  stream.on('error', (error) => console.error(`access log: ${error.message}`));
  return {
    write: (line) => void stream.write(`${JSON.stringify(line)}\n`),
    close: () => new Promise((resolve) => stream.end(() => resolve())),
  };
}
