/**
 * What does a presigned PUT URL cost: ours, the SDK's S3RequestPresigner, and getSignedUrl?
 * Time per URL with a warm signing key, and bytes in a bundle; figures are ratios of one run on one machine.
 */
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl, S3RequestPresigner } from '@aws-sdk/s3-request-presigner';
import { build } from 'esbuild';
import { measure } from 'mitata';
import { presign } from '../../core/objects/presign.ts';
import { objectPath, s3Endpoint } from '../../core/objects/s3-endpoint.ts';

const REPOSITORY = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

const region = 'eu-west-1';
const bucket = 'nearput-bench';
const key = `u/acme/${'a'.repeat(32)}/euw1_${'b'.repeat(71)}`;
const credentials = {
  accessKeyId: 'ASIAEXAMPLE',
  secretAccessKey: 'a secret of forty characters, as AWS has',
  sessionToken: 'IQoJb3JpZ2luX2Vj/+='.repeat(40),
};
const metadata = 'e'.repeat(600);
const headers = {
  'content-length': '65536',
  'content-type': 'image/png',
  'if-none-match': '*',
  'x-amz-checksum-sha256': `${'A'.repeat(43)}=`,
  'x-amz-meta-nearput': metadata,
};
const expiresIn = 900;

const endpoint = s3Endpoint({ bucket, region });
const client = new S3Client({ region, credentials, requestChecksumCalculation: 'WHEN_REQUIRED' });
const presigner = new S3RequestPresigner({ region, credentials, sha256: client.config.sha256 });
const signedNames = () => ({
  unhoistableHeaders: new Set(Object.keys(headers)),
  signableHeaders: new Set(Object.keys(headers)),
});

const contenders: readonly (readonly [name: string, sign: () => unknown])[] = [
  [
    'presign of core/objects',
    () => presign({ method: 'PUT', endpoint, key, headers, region, credentials, now: Date.now(), expiresIn }),
  ],
  [
    'S3RequestPresigner',
    () =>
      presigner.presign(
        {
          method: 'PUT',
          protocol: 'https:',
          hostname: endpoint.host,
          path: objectPath(endpoint, key),
          query: {},
          headers: { ...headers },
        },
        { expiresIn, ...signedNames() },
      ),
  ],
  [
    'getSignedUrl',
    () =>
      getSignedUrl(
        client,
        new PutObjectCommand({
          Bucket: bucket,
          Key: key,
          ContentLength: 65_536,
          ContentType: headers['content-type'],
          IfNoneMatch: '*',
          ChecksumSHA256: headers['x-amz-checksum-sha256'],
          Metadata: { nearput: metadata },
        }),
        { expiresIn, ...signedNames() },
      ),
  ],
];

/** Bytes of a minified bundle of one import, as the edge's are built. */
const bundleBytes = async (source: string): Promise<number> => {
  const result = await build({
    stdin: { contents: source, resolveDir: REPOSITORY, loader: 'ts' },
    bundle: true,
    minify: true,
    write: false,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    mainFields: ['module', 'main'],
    logLevel: 'error',
  });
  return result.outputFiles.reduce((sum, { contents }) => sum + contents.length, 0);
};

const row = (name: string, figure: string, ratio: number): string =>
  `  ${name.padEnd(26)}${figure.padStart(12)}${`${ratio.toFixed(1)} ×`.padStart(10)}\n`;

process.stdout.write('time per URL (median)\n');
let fastest: number | undefined;
for (const [name, sign] of contenders) {
  const { p50 } = await measure(sign);
  fastest ??= p50;
  process.stdout.write(row(name, `${(p50 / 1_000).toFixed(1)} µs`, p50 / fastest));
}

process.stdout.write('minified bundle\n');
let smallest: number | undefined;
for (const [name, source] of [
  ['presign of core/objects', "export { presign } from './core/objects/presign.ts';"],
  ['S3RequestPresigner', "export { S3RequestPresigner } from '@aws-sdk/s3-request-presigner';"],
  [
    'getSignedUrl',
    "export { getSignedUrl } from '@aws-sdk/s3-request-presigner'; export { S3Client, PutObjectCommand } from '@aws-sdk/client-s3';",
  ],
] as const) {
  const bytes = await bundleBytes(source);
  smallest ??= bytes;
  process.stdout.write(row(name, `${(bytes / 1_000).toFixed(1)} kB`, bytes / smallest));
}
