import type { DataCommand, DataReport } from './options.ts';
import { type DataServices, startData } from './start.ts';

/** Child process of the platform: queues, tables and test issuers. Ends with its parent. */
let services: DataServices | null = null;

process.on('message', (command: DataCommand) => {
  switch (command.type) {
    case 'start':
      startData(command.options).then(
        (started) => {
          services = started;
          report({ type: 'ready', urls: started.urls });
        },
        (error: unknown) => {
          report({ type: 'failed', message: error instanceof Error ? error.message : String(error) });
        },
      );
      return;
    case 'clock':
      return services?.setClock(command.offsetSeconds);
    case 'fault':
      return services?.addFault(command.rule);
    case 'clear-faults':
      return services?.clearFaults();
    case 'stats':
      return report({ type: 'stats', id: command.id, stats: services?.stats() ?? {} });
    case 'stop':
      void stop();
  }
});
process.on('disconnect', () => process.exit(0)); // the parent is gone; everything acknowledged is on disk
process.on('SIGINT', () => undefined); // a terminal sends it to the whole group; the parent decides
process.on('SIGTERM', () => undefined);

function report(message: DataReport): void {
  process.send?.(message);
}

async function stop(): Promise<void> {
  await services?.stop();
  process.exit(0);
}
