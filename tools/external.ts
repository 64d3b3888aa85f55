import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { programFolder, toolsFolder } from './external/cache.ts';
import { install } from './external/install.ts';
import { isProgramName, PROGRAM_NAMES, PROGRAMS, type Program, type ProgramName } from './external/programs.ts';
import { findOnPath } from './support/run.ts';

/** Path of a program that is here already, or `undefined`. A folder counts only once its install had ended well. */
export const findTool = (name: ProgramName): string | undefined => {
  const program: Program = PROGRAMS[name];
  if (program.recipe.by === 'apt') return findOnPath(program.command);
  const folder = programFolder(name, program.version);
  const executable = join(folder, 'bin', program.command);
  return existsSync(join(folder, 'complete')) && existsSync(executable) ? executable : undefined;
};

/**
 * Absolute path of an external program's executable, built or installed first when it is missing.
 * Throws with a sentence that says what to install when this machine cannot build it; it never skips.
 */
export const ensureTool = async (name: ProgramName): Promise<string> => {
  const present = findTool(name);
  if (present !== undefined) return present;
  const program: Program = PROGRAMS[name];
  const folder = programFolder(name, program.version);
  process.stderr.write(`${name} is missing here: building version ${program.version}, once\n`);
  rmSync(folder, { recursive: true, force: true });
  await install(name, program, folder);
  if (program.recipe.by !== 'apt') writeFileSync(join(folder, 'complete'), '');
  const built = findTool(name);
  if (built === undefined)
    throw new Error(`${name} was installed, but its executable ${program.command} is not there.`);
  return built;
};

const main = async (): Promise<void> => {
  const names = process.argv.slice(2);
  const strangers = names.filter((name) => !isProgramName(name));
  if (strangers.length > 0) {
    process.stderr.write(
      `no such program: ${strangers.join(', ')}. Usage: npm run tools [${PROGRAM_NAMES.join(' | ')}]…\n`,
    );
    process.exitCode = 2;
    return;
  }
  process.stderr.write(`programs are kept in ${toolsFolder()}\n`);
  for (const name of names.length > 0 ? names.filter(isProgramName) : PROGRAM_NAMES) {
    try {
      process.stdout.write(`${name} ${PROGRAMS[name].version} ${await ensureTool(name)}\n`);
    } catch (error) {
      process.stderr.write(`${name}: ${error instanceof Error ? error.message : String(error)}\n`);
      process.exitCode = 1;
    }
  }
};

if (import.meta.main) await main();
