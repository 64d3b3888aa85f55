/**
 * How fast does one large file reach S3: by the SDK through the gateway, and by `@aws-sdk/lib-storage` straight to the same
 * S3? Both send parts of 8 MiB, four at once, from the same file; each run of one is followed by a run of the others.
 * `BENCH_MIB` sets the size (512), `BENCH_RUNS` how often (3). Client and S3 share one machine; only the ratio tells.
 */
import { createHash, randomFillSync } from 'node:crypto';
import { createReadStream, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type PutObjectCommandInput, S3Client } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { createNodeClient } from '../../client/node/client.ts';
import { fileSource } from '../../client/node/file-source.ts';
import { startPlatform } from '../platform.ts';
import { callerTokens } from '../tokens.ts';

const REPOSITORY = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const MIB = 1_048_576;
const PART_BYTES = 8 * MIB;
const AT_ONCE = 4;
const mebibytes = Number(process.env['BENCH_MIB'] ?? 512);
const runs = Number(process.env['BENCH_RUNS'] ?? 3);

type Local = {
  readonly regions: Readonly<Record<string, { readonly name: string; readonly s3: string; readonly bucket: string }>>;
  readonly admin: { readonly accessKeyId: string; readonly secretAccessKey: string };
};

/** What the platform wrote for its owner: `/_local` tells the folder, the file the keys. */
const readLocal = async (endpoint: string): Promise<Local> => {
  const { data } = (await (await fetch(`${endpoint}/_local`)).json()) as { data: string };
  return JSON.parse(readFileSync(join(data, 'local.json'), 'utf8')) as Local;
};

const writeFile = async (path: string): Promise<void> => {
  const file = await open(path, 'w');
  const block = Buffer.alloc(MIB);
  for (let index = 0; index < mebibytes; index++) await file.write(randomFillSync(block));
  await file.close();
};

type Contender = {
  readonly name: string;
  readonly upload: (run: number) => Promise<unknown>;
  readonly seconds: number[];
};

const contenders = async (endpoint: string, path: string): Promise<{ all: Contender[]; close: () => void }> => {
  const [token = ''] = await callerTokens(endpoint, undefined);
  const client = createNodeClient({ endpoint, token });
  const { regions, admin } = await readLocal(endpoint);
  const source = await fileSource(path, { type: 'application/octet-stream' });
  const s3s = new Map<string, S3Client>();
  const s3In = (region: { readonly name: string; readonly s3: string }): S3Client => {
    const known = s3s.get(region.name);
    if (known !== undefined) return known;
    const made = new S3Client({ region: region.name, endpoint: region.s3, forcePathStyle: true, credentials: admin });
    s3s.set(region.name, made);
    return made;
  };
  const home = Object.values(regions)[0];
  if (home === undefined) throw new Error('the local platform has no Region');
  const libStorage = (more: Partial<PutObjectCommandInput>, label: string, partSize: number) => ({
    name: `lib-storage, ${label}`,
    seconds: [],
    upload: (run: number) =>
      new Upload({
        client: s3In(home),
        params: {
          Bucket: home.bucket,
          Key: `bench/${createHash('sha256').update(label).digest('hex').slice(0, 8)}/${run}`,
          Body: createReadStream(path),
          ...more,
        },
        partSize,
        queueSize: AT_ONCE,
      }).done(),
  });
  const code = Object.keys(regions)[0] ?? '';
  const ours = (options: object, label: string): Contender => ({
    name: `nearput, ${label}`,
    seconds: [],
    upload: () =>
      client.upload(source, {
        method: 'multipart',
        partSize: PART_BYTES,
        concurrency: AT_ONCE,
        preferRegion: code,
        resume: false,
        ...options,
      }),
  });
  return {
    all: [
      ours({}, 'CRC64NVME'),
      ours({ partChecksum: 'sha256' }, 'SHA-256'),
      libStorage({ ChecksumAlgorithm: 'CRC64NVME' }, 'CRC64NVME', PART_BYTES),
      libStorage({ ChecksumAlgorithm: 'SHA256' }, 'SHA-256', PART_BYTES),
      libStorage({}, 'its own choice (CRC32)', PART_BYTES),
    ],
    close: () => {
      client.close();
      for (const s3 of s3s.values()) s3.destroy();
    },
  };
};

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

const main = async (): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), 'nearput-bench-'));
  const path = join(folder, 'bytes.bin');
  const platform = await startPlatform({
    command: process.execPath,
    args: [join(REPOSITORY, 'local', 'main.ts')],
    cwd: REPOSITORY,
  });
  try {
    await writeFile(path);
    const { all, close } = await contenders(platform.endpoint, path);
    for (let run = 0; run <= runs; run++) {
      for (const contender of all) {
        const startedAt = performance.now();
        await contender.upload(run);
        // The first round warms connections and compilers.
        if (run > 0) contender.seconds.push((performance.now() - startedAt) / 1_000);
      }
    }
    close();
    process.stdout.write(`throughput of ${mebibytes} MiB in parts of 8 MiB, ${AT_ONCE} at once (median of ${runs})\n`);
    const first = median(all[0]?.seconds ?? []);
    for (const { name, seconds } of all) {
      const rate = `${(mebibytes / median(seconds)).toFixed(0)} MiB/s`;
      process.stdout.write(
        `  ${name.padEnd(38)}${rate.padStart(12)}${`${(first / median(seconds)).toFixed(2)} ×`.padStart(10)}\n`,
      );
    }
  } finally {
    await platform.stop();
    rmSync(folder, { recursive: true, force: true });
  }
};

await main();
