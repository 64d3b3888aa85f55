import { join } from 'node:path';
import { EXIT } from '../../exit.ts';
import type { FolderFault } from '../lint/entry-file.ts';
import { lintFolder } from '../lint/lint-folder.ts';
import { type Operator, print } from './operator.ts';

type Printer = Pick<Operator, 'json' | 'output'>;

/** Every fault on a line of its own: file, JSON pointer, what is wrong and the cure. */
export const printFaults = (printer: Printer, folder: string, faults: readonly FolderFault[]): void => {
  for (const { file, path, message } of faults) {
    const name = join(folder, file);
    print(printer, { file: name, path, message }, `${name} ${path === '' ? '' : `${path} `}${message}`);
  }
  printer.output.failure(new Error(`${faults.length} ${faults.length === 1 ? 'fault' : 'faults'} in ${folder}`));
};

/** `issuers lint`: every fault of a folder at once. Exit 1 if there is one. */
export const lint = (printer: Printer, folder: string, options: { readonly allowLoopback: boolean }): number => {
  const { files, faults } = lintFolder(folder, options);
  if (faults.length > 0) {
    printFaults(printer, folder, faults);
    return EXIT.failed;
  }
  printer.output.notice(`${files} ${files === 1 ? 'issuer' : 'issuers'} in ${folder}, no faults`);
  return EXIT.done;
};
