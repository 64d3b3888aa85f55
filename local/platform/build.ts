import { spawn } from 'node:child_process';
import { join } from 'node:path';

/** Builds the bundles that are not up to date, in a process of its own; rejects with what the build printed. */
export function buildBundles(root: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(root, 'tools', 'build.ts')], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += String(text)));
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`the bundles could not be built:\n${output}`));
    });
  });
}
