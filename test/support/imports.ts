import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One import as written; `specifier` is `null` when it is computed at run time. */
export type Import = { readonly specifier: string | null; readonly line: number };

const COMMENT = /\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm;

/**
 * Static imports and re-exports (also of types), and every form that reaches a module by a literal: `import(…)` as a
 * value or a type, `require`, `import.meta.resolve` and `new URL(…, import.meta.url)`. The formatter keeps static ones at
 * the start of a line.
 */
const STATIC = /^(?:import|export)\s(?:[^;'"`]*?\bfrom\s*)?(['"])([^'"]+)\1/gm;
const CALLED = /\b(?:import|require|require\.resolve|import\.meta\.resolve)\s*\(\s*(?:(['"])([^'"]+)\1|(?=[^'"\s)]))/g;
const LOCATED = /\bnew\s+URL\s*\(\s*(['"])(\.[^'"]+)\1\s*,\s*import\.meta\.url/g;

/** Every import of a TypeScript or JavaScript source, in the order of lines. Comments are left out. */
export const importsOf = (source: string): Import[] => {
  const text = source.replace(COMMENT, (comment) => comment.replace(/[^\n]/g, ' '));
  const found: Import[] = [];
  for (const pattern of [STATIC, CALLED, LOCATED]) {
    for (const match of text.matchAll(pattern)) {
      found.push({ specifier: match[2] ?? null, line: text.slice(0, match.index).split('\n').length });
    }
  }
  return found.sort((one, two) => one.line - two.line);
};

const SKIPPED = new Set(['node_modules', 'dist', 'cdk.out', 'coverage', '.git', '.nearput']);

/** Every source file under `root`, relative to it with `/`, sorted. */
export const sourceFiles = (root: string, folder = ''): string[] =>
  readdirSync(join(root, folder), { withFileTypes: true })
    .flatMap((entry) => {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) return SKIPPED.has(entry.name) ? [] : sourceFiles(root, path);
      return /\.[cm]?[jt]s$/.test(entry.name) ? [path] : [];
    })
    .sort();

/** The imports of one file of the repository. */
export const readImports = (root: string, file: string): Import[] => importsOf(readFileSync(join(root, file), 'utf8'));
