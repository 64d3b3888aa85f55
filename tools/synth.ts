import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { build } from './build.ts';

const root = fileURLToPath(new URL('../', import.meta.url));

/** Without credentials, lookups or network; further words go to `cdk synth`. */
const synth = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const cdk = createRequire(import.meta.url).resolve('aws-cdk/bin/cdk');
    const {
      AWS_PROFILE: _profile,
      AWS_ACCESS_KEY_ID: _id,
      AWS_SECRET_ACCESS_KEY: _key,
      AWS_SESSION_TOKEN: _token,
      ...env
    } = process.env;
    const child = spawn(
      process.execPath,
      [cdk, 'synth', '--quiet', '--no-notices', '--no-lookups', '--no-version-reporting', ...process.argv.slice(2)],
      {
        cwd: root,
        stdio: 'inherit',
        env: { ...env, CDK_DISABLE_VERSION_CHECK: '1', AWS_EC2_METADATA_DISABLED: 'true' },
      },
    );
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });

await build();
process.exitCode = await synth();
if (process.exitCode === 0 && existsSync(`${root}cdk.out/manifest.json`))
  process.stdout.write('synthesized into cdk.out\n');
