import { EDGE } from '../core/contract/limits.ts';

/** What one bundle may weigh and hold. */
export type Budget = {
  /** Largest bundle, in bytes, without its source map. */
  readonly maxBytes: number;
  /** Package names, or prefixes that end with `/`, none of whose code may be in the bundle. */
  readonly forbidden: readonly string[];
  /** A bundle without `require`: everything in it is an ES module, so nothing is loaded late. */
  readonly pureModules: boolean;
};

const KB = 1_000;

const origin = (kilobytes: number): Budget => ({
  maxBytes: kilobytes * KB,
  forbidden: ['esbuild', 'fauxqs', 'dynalite', 'aws-cdk-lib', '@valibot/to-json-schema'],
  pureModules: false,
});

/**
 * Budgets by bundle name (`{room}/{entry}`), in one place. An edge bundle is loaded on every cold start next to the
 * caller, so it has the tightest one; an origin bundle pays for the SDK clients it uses.
 */
export const BUDGETS: Readonly<Record<string, Budget>> = {
  'edge/gate': {
    maxBytes: EDGE.bundleMaxBytes,
    forbidden: ['@aws-sdk/', '@smithy/', '@aws-crypto/', '@aws-lambda-powertools/', '@valibot/to-json-schema', 'hono'],
    pureModules: true,
  },
  'origin/api': origin(1_200),
  'origin/authorizer': origin(950),
  'origin/recorder': origin(1_100),
  'origin/worker': origin(1_200),
  'origin/refresher': origin(1_000),
  'origin/reconciler': origin(1_200),
};
