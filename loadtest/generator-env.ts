import { availableParallelism } from 'node:os';

/**
 * The environment k6 starts with. On the machine that also carries the platform it computes on half of the cores at most:
 * Go's scheduler would otherwise wake a thread on every core for each answer. `GOMAXPROCS` in `env` is left as it is.
 */
export const generatorEnv = (
  env: Readonly<NodeJS.ProcessEnv>,
  besidePlatform: boolean,
  cores: number = availableParallelism(),
): NodeJS.ProcessEnv =>
  besidePlatform ? { GOMAXPROCS: String(Math.max(1, Math.floor(cores / 2))), ...env } : { ...env };
