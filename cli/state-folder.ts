import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where unfinished uploads of this user are remembered: `NEARPUT_STATE`, else the platform's place for state. */
export const stateFolder = (
  env: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform = process.platform,
): string => {
  const told = env['NEARPUT_STATE'];
  if (told !== undefined && told !== '') return told;
  const home = env['HOME'] ?? homedir();
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'nearput', 'uploads');
  if (platform === 'win32') return join(env['LOCALAPPDATA'] ?? join(home, 'AppData', 'Local'), 'nearput', 'uploads');
  const base = env['XDG_STATE_HOME'];
  // The XDG Base Directory Specification has relative paths ignored.
  return join(base?.startsWith('/') ? base : join(home, '.local', 'state'), 'nearput', 'uploads');
};
