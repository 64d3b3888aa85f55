import { ConfigurationError } from '../../core/config/faults.ts';
import { type OriginConfig, parseOriginEnv } from '../../core/config/origin.ts';

export type ConfiguredOr<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly error: ConfigurationError };

/** Binds a Lambda to its environment; a fault of the environment is handed on, so that the entry can answer as its callers expect. */
export const withConfiguration = <Value>(
  env: NodeJS.ProcessEnv,
  bind: (config: OriginConfig) => Value,
): ConfiguredOr<Value> => {
  try {
    return { ok: true, value: bind(parseOriginEnv(env)) };
  } catch (error) {
    if (error instanceof ConfigurationError) return { ok: false, error };
    throw error;
  }
};
