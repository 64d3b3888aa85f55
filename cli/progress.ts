import { Presets, SingleBar } from 'cli-progress';
import { formatBytes } from './output.ts';
import { forTerminal } from './sanitise.ts';

export type Progress = { readonly update: (done: number) => void; readonly stop: () => void };

const silent: Progress = { update: () => undefined, stop: () => undefined };

/** A progress bar on standard error, when that is a terminal. */
export const startProgress = (label: string, total: number, show: boolean): Progress => {
  if (!show || total === 0) return silent;
  const bar = new SingleBar(
    {
      format: `${forTerminal(label)} {bar} {percentage}% of ${formatBytes(total)}, {eta_formatted} left`,
      stream: process.stderr,
      hideCursor: true,
      clearOnComplete: true,
    },
    Presets.shades_classic,
  );
  bar.start(total, 0);
  return { update: (done) => bar.update(done), stop: () => bar.stop() };
};
