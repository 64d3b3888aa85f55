import { homedir, platform } from 'node:os';
import { join, resolve } from 'node:path';

const userCache = (env: NodeJS.ProcessEnv): string => {
  if (env['XDG_CACHE_HOME'] !== undefined && env['XDG_CACHE_HOME'] !== '') return env['XDG_CACHE_HOME'];
  if (platform() === 'darwin') return join(homedir(), 'Library', 'Caches');
  if (platform() === 'win32') return env['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local');
  return join(homedir(), '.cache');
};

/** Folder that keeps built programs, absolute: `NEARPUT_TOOLS`, else `nearput` in the user's cache folder. */
export const toolsFolder = (env: NodeJS.ProcessEnv = process.env): string => {
  const chosen = env['NEARPUT_TOOLS'];
  return chosen !== undefined && chosen !== '' ? resolve(chosen) : join(userCache(env), 'nearput');
};

/** Folder of one version of one program. */
export const programFolder = (name: string, version: string, env: NodeJS.ProcessEnv = process.env): string =>
  join(toolsFolder(env), `${name}-${version}`);
