import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFunction, type FunctionOptions, type InvokeResult, type LambdaFunction } from './host.ts';

/** Starts functions for tests from the text of their bundles, and ends them all. */
export const createLambdaStage = () => {
  const folder = mkdtempSync(join(tmpdir(), 'lambda-'));
  const running: LambdaFunction[] = [];
  let serial = 0;
  return {
    folder,
    /** A function whose bundle is `source`, with roomy limits that a test narrows. */
    start: (source: string, options: Partial<FunctionOptions> = {}): LambdaFunction & { readonly logPath: string } => {
      serial += 1;
      const bundle = join(folder, `bundle-${serial}.mjs`);
      writeFileSync(bundle, source);
      const logPath = join(folder, `function-${serial}.log`);
      const lambda = createFunction({
        name: `f${serial}`,
        bundle,
        handler: 'handler',
        env: {},
        memoryMb: 256,
        timeoutMs: 5_000,
        maxInstances: 4,
        perInstanceRps: null,
        logPath,
        clock: { offsetSeconds: () => 0 },
        ...options,
      });
      running.push(lambda);
      return { ...lambda, logPath };
    },
    stopAll: async () => {
      await Promise.all(running.splice(0).map((lambda) => lambda.stop()));
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
};

/** The payload of a result that must be good. */
export const payload = (result: InvokeResult): unknown => {
  if (!result.ok) throw new Error(`${result.kind}: ${result.message}`);
  return result.payload;
};

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
