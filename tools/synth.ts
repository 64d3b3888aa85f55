import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { build } from './build.ts';
import { spawnInherited } from './support/run.ts';

const root = fileURLToPath(new URL('../', import.meta.url));

/** Without credentials, lookups or network; further words go to `cdk synth`. */
const synth = (): Promise<number> => {
  const cdk = createRequire(import.meta.url).resolve('aws-cdk/bin/cdk');
  const words = ['synth', '--quiet', '--no-notices', '--no-lookups', '--no-version-reporting'];
  return spawnInherited(process.execPath, [cdk, ...words, ...process.argv.slice(2)], {
    cwd: root,
    env: {
      AWS_PROFILE: undefined,
      AWS_ACCESS_KEY_ID: undefined,
      AWS_SECRET_ACCESS_KEY: undefined,
      AWS_SESSION_TOKEN: undefined,
      CDK_DISABLE_VERSION_CHECK: '1',
      AWS_EC2_METADATA_DISABLED: 'true',
    },
  });
};

await build();
process.exitCode = await synth();
if (process.exitCode === 0 && existsSync(`${root}cdk.out/manifest.json`))
  process.stdout.write('synthesized into cdk.out\n');
