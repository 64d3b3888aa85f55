import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const HERE = dirname(fileURLToPath(import.meta.url));
const NOT_BENCHMARKS = new Set(['run.ts']);

/** Names of the benchmarks: every module of this folder but this one and tests. */
const benchmarks = (): string[] =>
  readdirSync(HERE)
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !NOT_BENCHMARKS.has(file))
    .map((file) => file.slice(0, -'.ts'.length))
    .sort();

/** Runs the named benchmarks one after the other, or all of them without a name. A benchmark runs when its module is loaded. */
const main = async (): Promise<void> => {
  const known = benchmarks();
  const names = process.argv.slice(2);
  const strangers = names.filter((name) => !known.includes(name));
  if (strangers.length > 0) {
    process.stderr.write(
      `no such benchmark: ${strangers.join(', ')}. Usage: npm run bench -- [${known.join(' | ')}]\n`,
    );
    process.exitCode = 2;
    return;
  }
  for (const name of names.length > 0 ? names : known) {
    process.stdout.write(`benchmark ${name}\n`);
    await import(pathToFileURL(join(HERE, `${name}.ts`)).href);
  }
};

await main();
