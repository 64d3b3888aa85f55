import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { FakeCloud } from '../../client/testing/fake-cloud.ts';

const LAUNCHER = fileURLToPath(new URL('../nearput.js', import.meta.url));
/** For the answers of what S3 took last to arrive, in milliseconds. */
const ARRIVE_MS = 50;

/** Runs the command and ends it with `signal` as soon as S3 has `puts` bodies and holds back the next. Forgets what was put. */
export const cutOffUpload = async (input: {
  readonly cloud: Pick<FakeCloud, 'setFault' | 'puts'>;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly words: readonly string[];
  readonly puts: number;
  readonly signal: NodeJS.Signals;
}): Promise<{ readonly code: number | null; readonly stderr: string }> => {
  const { cloud, cwd, env, words, puts, signal } = input;
  const child = spawn(process.execPath, [LAUNCHER, ...words], { cwd, env: { PATH: process.env['PATH'], ...env } });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString('utf8');
  });
  const closed = new Promise<number | null>((resolve) => child.once('close', resolve));
  let seen = 0;
  cloud.setFault(async () => {
    if (++seen <= puts) return undefined;
    if (seen === puts + 1) setTimeout(() => child.kill(signal), ARRIVE_MS);
    await closed;
    return new Error('the client is gone');
  });
  const code = await closed;
  cloud.setFault(undefined);
  cloud.puts.length = 0;
  return { code, stderr };
};
