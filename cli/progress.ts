import { Presets, SingleBar } from 'cli-progress';
import { formatBytes } from './output.ts';
import { forTerminal } from './sanitise.ts';

export type Progress = { readonly update: (done: number) => void; readonly stop: () => void };

/** One bar for many files. */
export type TotalProgress = {
  /** A file is begun; `update` takes its bytes so far, `end` counts it as done. */
  readonly begin: (
    label: string,
    size: number,
  ) => { readonly update: (done: number) => void; readonly end: () => void };
  /** Writes lines where the bar stands; the bar goes on below. */
  readonly above: (write: () => void) => void;
  readonly stop: () => void;
};

const silent: Progress = { update: () => undefined, stop: () => undefined };
const CLEAR_LINE = '\r\u001b[K';

const startBar = (format: string, total: number): SingleBar => {
  const bar = new SingleBar(
    { format, stream: process.stderr, hideCursor: true, clearOnComplete: true },
    Presets.shades_classic,
  );
  bar.start(total, 0, { label: '', size: formatBytes(total) });
  return bar;
};

/** A progress bar on standard error, when that is a terminal. */
export const startProgress = (label: string, total: number, show: boolean): Progress => {
  if (!show || total === 0) return silent;
  const bar = startBar(`${forTerminal(label)} {bar} {percentage}% of {size}, {eta_formatted} left`, total);
  return { update: (done) => bar.update(done), stop: () => bar.stop() };
};

/** A progress bar over all files on standard error, when that is a terminal. More may come than was expected. */
export const startTotalProgress = (
  show: boolean,
  expected: { readonly files: number; readonly bytes: number },
): TotalProgress => {
  if (!show) {
    const nothing = () => undefined;
    return { begin: () => ({ update: nothing, end: nothing }), above: (write) => write(), stop: nothing };
  }
  const bar = startBar('{label} {bar} {percentage}% of {size}, {eta_formatted} left', expected.bytes);
  let files = 0;
  let done = 0;
  let total = 0;
  let sent = 0;
  return {
    begin: (label, size) => {
      files++;
      total += size;
      bar.setTotal(Math.max(total, expected.bytes));
      let own = 0;
      const move = (to: number) => {
        sent += to - own;
        own = to;
        const all = Math.max(files, expected.files);
        const what = all === 1 ? forTerminal(label) : `${done} of ${all} files`;
        bar.update(sent, { label: what, size: formatBytes(Math.max(total, expected.bytes)) });
      };
      move(0);
      return {
        update: move,
        end: () => {
          done++;
          move(size);
        },
      };
    },
    above: (write) => {
      process.stderr.write(CLEAR_LINE);
      write();
    },
    stop: () => bar.stop(),
  };
};
