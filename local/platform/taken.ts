import { isFree } from './ports.ts';
import type { PlatformState } from './state.ts';

/** A reason that a person can act on; nothing is wrong with the platform. */
export class StartRefused extends Error {
  override readonly name = 'StartRefused';
}

/** Refuses with a sentence when a port is taken that this start needs. */
export async function refuseTakenPorts(state: PlatformState, data: string): Promise<void> {
  if (!(await isFree(state.edgePort))) {
    throw new StartRefused(
      `Port ${state.edgePort} is used by another program. Choose another one: npm start -- --port ${state.edgePort + 1}`,
    );
  }
  const kept = [state.issuerPort, ...Object.values(state.ports).flatMap((ports) => Object.values(ports))];
  for (const port of kept) {
    if (await isFree(port)) continue;
    throw new StartRefused(
      `Port ${port}, kept from the last start on ${data}, is used by another program. End that program, or start on another folder: npm start -- --data DIR`,
    );
  }
}
