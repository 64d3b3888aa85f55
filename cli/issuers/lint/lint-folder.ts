import { type IssuerEntry, parseIssuerEntry } from '../../../core/contract/issuer-entry.ts';
import { lintEntry } from '../../../core/identity/lint-entry.ts';
import { type EntryFile, type FolderFault, readEntryFiles } from './entry-file.ts';
import { lintMeaning } from './entry-rules.ts';
import { lintTogether } from './folder-rules.ts';

export type LintOptions = {
  /** Key sets on this machine: for the local platform alone. */
  readonly allowLoopback: boolean;
};

export type LintedFolder = {
  readonly files: number;
  /** The entries, by file name; all of them only if there are no faults. */
  readonly entries: readonly IssuerEntry[];
  /** By file, then by path. */
  readonly faults: readonly FolderFault[];
};

const lintFile = ({ file, value, faults }: EntryFile, options: LintOptions): readonly FolderFault[] => {
  if (value === undefined) return faults;
  const found = [...lintEntry(value, options), ...lintMeaning(value)];
  return [...faults, ...found.map(({ path, message }) => ({ file, path, message }))];
};

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

/** Everything wrong with the files of an issuers folder, at once. */
export const lintFiles = (files: readonly EntryFile[], options: LintOptions): LintedFolder => {
  const faults = [...files.flatMap((file) => lintFile(file, options)), ...lintTogether(files)];
  const entries = files.flatMap(({ value }) => {
    const parsed = parseIssuerEntry(value);
    return parsed.ok ? [parsed.entry] : [];
  });
  const sorted = faults.sort((a, b) => compare(a.file, b.file) || compare(a.path, b.path));
  return { files: files.length, entries, faults: sorted };
};

/** Reads and lints every `*.json` of a folder. Throws `UsageError` if there is no such folder. */
export const lintFolder = (folder: string, options: LintOptions): LintedFolder =>
  lintFiles(readEntryFiles(folder), options);
