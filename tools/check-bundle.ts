import type { Metafile } from 'esbuild';
import type { Budget } from './budgets.ts';

/** What a bundle's metafile says about the file that ships. */
export type BundleFacts = {
  readonly bytes: number;
  readonly exports: readonly string[];
  /** Bytes that each package, or each source file of ours, adds to the bundle; the largest first. */
  readonly weights: readonly { readonly name: string; readonly bytes: number }[];
  /** Modules reached by `require` at run time. */
  readonly requires: readonly string[];
};

const PACKAGE = /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)(?!.*\/node_modules\/)/;

/** The package a bundled input belongs to, or its own path when it is ours. */
export const packageOf = (input: string): string => PACKAGE.exec(input)?.[1] ?? input;

/** Reads one bundle's facts from its metafile. Throws when the metafile holds no entry point. */
export const bundleFacts = (metafile: Metafile): BundleFacts => {
  const output = Object.values(metafile.outputs).find((candidate) => candidate.entryPoint !== undefined);
  if (output === undefined) throw new Error('the metafile holds no output with an entry point');
  const weights = new Map<string, number>();
  for (const [input, { bytesInOutput }] of Object.entries(output.inputs)) {
    if (bytesInOutput === 0) continue;
    const name = packageOf(input);
    weights.set(name, (weights.get(name) ?? 0) + bytesInOutput);
  }
  return {
    bytes: output.bytes,
    exports: output.exports,
    weights: [...weights].map(([name, bytes]) => ({ name, bytes })).sort((one, two) => two.bytes - one.bytes),
    requires: output.imports.filter(({ kind }) => kind === 'require-call').map(({ path }) => path),
  };
};

const bytes = (count: number): string => `${count.toLocaleString('en-US')} bytes`;

const matches = (rule: string, name: string): boolean => (rule.endsWith('/') ? name.startsWith(rule) : name === rule);

/** Every way in which a bundle breaks its budget, each as one sentence. Empty: it keeps it. */
export const checkBundle = (name: string, facts: BundleFacts, budget: Budget | undefined): string[] => {
  if (budget === undefined) return [`${name} has no budget: add one to tools/budgets.ts.`];
  const faults: string[] = [];
  if (facts.bytes > budget.maxBytes) {
    const biggest = facts.weights.slice(0, 5).map((weight) => `${weight.name} (${bytes(weight.bytes)})`);
    faults.push(
      `${name} is ${bytes(facts.bytes)}, over its budget of ${bytes(budget.maxBytes)}; its biggest inputs are ${biggest.join(', ')}.`,
    );
  }
  for (const weight of facts.weights) {
    const rule = budget.forbidden.find((candidate) => matches(candidate, weight.name));
    if (rule !== undefined) faults.push(`${name} contains ${weight.name} (${bytes(weight.bytes)}), which it must not.`);
  }
  if (budget.pureModules && facts.requires.length > 0) {
    faults.push(`${name} calls require for ${facts.requires.join(', ')}; use an ES module instead.`);
  }
  if (!facts.exports.includes('handler')) faults.push(`${name} does not export handler.`);
  return faults;
};
