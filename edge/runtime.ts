import { type GateConfig, parseGateConfig } from '../core/config/gate.ts';
import { regionByName } from '../core/config/regions.ts';
import { HEADERS } from '../core/contract/routes.ts';
import { createAskLimiter, type MayAsk } from '../core/identity/ask-limiter.ts';
import { createRegistrySource, type RegistrySource } from '../core/identity/registry-source.ts';
import type { SigningCredentials } from '../core/objects/signing-key.ts';
import { byDistance } from './distance.ts';
import { createFetchRegistry } from './fetch-registry.ts';
import type { SendHttp } from './http.ts';
import { createSendMessage, type SendMessage } from './send-message.ts';

/** Everything that follows from one configuration and outlives a request. */
export type Runtime = {
  readonly config: GateConfig;
  readonly registry: RegistrySource;
  readonly sendMessage: SendMessage;
  readonly mayAsk: MayAsk;
  readonly corsOrigins: ReadonlySet<string>;
};

export type RuntimeDeps = {
  readonly http: SendHttp;
  readonly credentials: SigningCredentials;
  /** AWS's name of the Region this runs in. */
  readonly edgeRegion: string;
  /** Wall clock, milliseconds since 1970. */
  readonly now: () => number;
};

/** Codes in the order their registry is asked: nearest to where this runs first. */
const registryOrder = (config: GateConfig, edgeRegion: string): readonly string[] => {
  const here = regionByName(edgeRegion) ?? config.regions[config.defaultRegion] ?? { lat: 0, lon: 0 };
  return byDistance(here, Object.keys(config.regions), config.regions);
};

const startRuntime = (config: GateConfig, deps: RuntimeDeps): Runtime => ({
  config,
  registry: createRegistrySource({
    fetchDocument: createFetchRegistry({ ...deps, regions: config.regions }),
    regions: registryOrder(config, deps.edgeRegion),
    now: deps.now,
  }),
  sendMessage: createSendMessage(deps),
  mayAsk: createAskLimiter(deps.now),
  corsOrigins: new Set(config.corsOrigins),
});

/**
 * Reads the configuration from the origin's custom headers (lower-case names) and keeps what follows from it until the
 * headers change. The function returned throws `ConfigurationError` with every fault.
 */
export const createRuntimes = (deps: RuntimeDeps) => {
  let known: { readonly text: string; readonly runtime: Runtime } | undefined;
  return (customHeaders: Readonly<Record<string, string>>): Runtime => {
    const text = JSON.stringify(Object.entries(customHeaders).filter(([name]) => name.startsWith(HEADERS.config)));
    if (known?.text === text) return known.runtime;
    const runtime = startRuntime(parseGateConfig(customHeaders), deps);
    known = { text, runtime };
    return runtime;
  };
};
