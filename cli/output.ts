import { ConnectionError, NearputError, StorageError } from '../client/errors.ts';
import type { UploadRecord } from '../core/contract/records.ts';
import { EXIT, UsageError } from './exit.ts';
import { FileError, inReadWords } from './file-error.ts';
import { forTerminal } from './sanitise.ts';

export type Output = {
  /** One line of data on standard output. */
  readonly data: (line: string) => void;
  /** One line for the person on standard error. */
  readonly notice: (line: string) => void;
  /** Reports a failure on standard error; gives the exit code it asks for. */
  readonly failure: (error: unknown, about?: string) => number;
};

/** Refusals whose detail speaks of the API, in words of this command. */
const IN_COMMANDS: Partial<Record<string, string>> = {
  already_complete: 'The bytes are complete; nearput rm ID removes the upload.',
};

type Report = { readonly code: string; readonly detail: string; readonly requestId: string | null };

const reportOf = (error: unknown): Report => {
  if (error instanceof NearputError)
    return { code: error.code, detail: IN_COMMANDS[error.code] ?? error.detail, requestId: error.requestId };
  if (error instanceof StorageError)
    return { code: error.code, detail: `S3 refused: ${error.message}`, requestId: error.requestId };
  if (error instanceof ConnectionError)
    return { code: `connection_${error.failure}`, detail: error.message, requestId: null };
  if (error instanceof UsageError) return { code: 'usage', detail: error.message, requestId: null };
  return { code: 'failed', detail: error instanceof Error ? error.message : String(error), requestId: null };
};

const inWords = ({ code, detail, requestId }: Report, about: string | undefined): string => {
  const what = about === undefined ? '' : `${about}: `;
  const kind = code === 'failed' || code === 'usage' ? '' : ` (${code})`;
  return `nearput: ${what}${detail}${kind}${requestId === null || requestId === '' ? '' : ` [request ${requestId}]`}`;
};

/** Writes to the two streams. Standard output is data only. */
export const createOutput = (
  streams: { readonly stdout: NodeJS.WritableStream; readonly stderr: NodeJS.WritableStream },
  json: boolean,
): Output => ({
  data: (line) => {
    streams.stdout.write(`${line}\n`);
  },
  notice: (line) => {
    if (!json) streams.stderr.write(`${forTerminal(line)}\n`);
  },
  failure: (thrown, about) => {
    const error = inReadWords(thrown);
    const report = reportOf(error);
    const line = json
      ? JSON.stringify(about === undefined ? report : { ...report, file: about })
      : forTerminal(inWords(report, error instanceof FileError ? undefined : about));
    streams.stderr.write(`${line}\n`);
    return error instanceof UsageError ? EXIT.usage : EXIT.failed;
  },
});

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** Bytes for people: `1.4 MiB`. */
export const formatBytes = (bytes: number): string => {
  const step = bytes === 0 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 1024 ** step;
  return `${step === 0 ? value : value.toFixed(1)} ${UNITS[step]}`;
};

/** One record on one line for people. */
export const formatRecord = (record: UploadRecord): string =>
  [
    record.id,
    record.state.padEnd(10),
    record.region.padEnd(5),
    (record.size === null ? '?' : formatBytes(record.size)).padStart(10),
    record.createdAt ?? '-',
    forTerminal(record.name ?? '-'),
  ].join('  ');
