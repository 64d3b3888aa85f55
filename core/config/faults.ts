/** One thing wrong with a configuration: where, what, and what to do about it. */
export type ConfigFault = { readonly path: string; readonly message: string };

/** Thrown once, with every fault of a configuration. */
export class ConfigurationError extends Error {
  readonly faults: readonly ConfigFault[];

  constructor(what: string, faults: readonly ConfigFault[]) {
    super(`${what} is not usable: ${faults.map(({ path, message }) => `${path} ${message}`).join('; ')}`);
    this.name = 'ConfigurationError';
    this.faults = faults;
  }
}

/** Collects faults; `end` throws if there were any. */
export const collectFaults = (what: string): { add(path: string, message: string): void; end(): void } => {
  const faults: ConfigFault[] = [];
  return {
    add: (path, message) => {
      faults.push({ path, message });
    },
    end: () => {
      if (faults.length > 0) throw new ConfigurationError(what, faults);
    },
  };
};
