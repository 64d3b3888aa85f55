/**
 * Would a cache of verified tokens be worth its code? Creates with one and the same token, over and over, without a cache and with one that
 * knows a good signature by the SHA-256 of the whole token: processor time of verification alone, of create in the gate as it is built, and
 * how long a create takes when the queue it tells needs 5 ms. The other end of every connection is in a thread of its own whose processor
 * time does not count; there is no TLS, so creates on AWS cost more than these.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { CloudFrontRequestEvent } from 'aws-lambda';
import { formatGateConfig, LOCAL_ENV } from '../../core/config/gate.ts';
import { NO_REVOCATIONS } from '../../core/contract/registry.ts';
import type { parseKeys } from '../../core/identity/parse-keys.ts';
import type { parsePolicy } from '../../core/identity/parse-policy.ts';
import type { buildRegistry, Registry } from '../../core/identity/registry.ts';
import type { verifyToken } from '../../core/identity/verify-token.ts';
import { cloudFrontEvent } from '../../edge/testing/event.ts';
import { testConfig } from '../../edge/testing/world.ts';
import { type Both, buildBoth } from './token-cache/build-both.ts';
import { type Caller, createCallers } from './token-cache/issuers.ts';

/** What is measured: what a run counts, how often the work is done in a round, and in how many rounds. */
type Measure = { readonly count: () => () => number; readonly times: number; readonly rounds: number };

/** Processor time of this thread, in microseconds. */
const processorTime = () => {
  const before = process.threadCpuUsage();
  return () => {
    const { user, system } = process.threadCpuUsage(before);
    return user + system;
  };
};
/** Time as a caller sees it, in microseconds. */
const elapsedTime = () => {
  const before = performance.now();
  return () => (performance.now() - before) * 1_000;
};
const VERIFICATION: Measure = { count: processorTime, times: 600, rounds: 11 };
const CREATE: Measure = { count: processorTime, times: 150, rounds: 11 };
const WAITING: Measure = { count: elapsedTime, times: 40, rounds: 7 };
/** Little for a message to another Region, in milliseconds. */
const QUEUE_MS = 5;

type Gate = { readonly handler: (event: CloudFrontRequestEvent) => Promise<unknown> };
type Identity = {
  readonly parsePolicy: typeof parsePolicy;
  readonly parseKeys: typeof parseKeys;
  readonly buildRegistry: typeof buildRegistry;
  readonly verifyToken: typeof verifyToken;
};

const IDENTITY = ['parse-policy', 'parse-keys', 'registry', 'verify-token']
  .map((name) => `export * from './core/identity/${name}.ts';`)
  .join('\n');

/** Lambda@Edge sets these before the bundle is loaded. */
Object.assign(process.env, {
  AWS_REGION: 'eu-west-1',
  AWS_ACCESS_KEY_ID: 'ASIAEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'a secret of forty characters, as AWS has',
  AWS_SESSION_TOKEN: 'IQoJb3JpZ2luX2Vj/+='.repeat(40),
});

const documentsOf = (callers: readonly Caller[]) => {
  const at = new Date().toISOString();
  const issuers = callers.map(({ entry }) => entry);
  return {
    policy: {
      schema: 1,
      version: 1,
      publishedAt: at,
      publishedBy: 'bench',
      issuers,
      drain: [],
      revocations: NO_REVOCATIONS,
    },
    keys: { schema: 1, version: 1, checkedAt: at, keys: {} },
  };
};

const startOutside = (
  documents: ReturnType<typeof documentsOf>,
  queueMs: number,
): Promise<{ readonly worker: Worker; readonly port: number }> =>
  new Promise((resolve, reject) => {
    const texts = { policy: JSON.stringify(documents.policy), keys: JSON.stringify(documents.keys) };
    const workerData = { documents: texts, queueMs };
    const worker = new Worker(new URL('token-cache/outside.ts', import.meta.url), { workerData });
    worker.once('error', reject);
    worker.once('message', (port: number) => resolve({ worker, port }));
  });

type Work = () => Promise<unknown>;

const oneRound = async ({ count, times }: Measure, work: Work): Promise<number> => {
  const counted = count();
  for (let run = 0; run < times; run += 1) await work();
  return counted() / times;
};

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

const column = (text: string): string => text.padStart(11);

/** Measures both by turns, so that whatever else the machine does meets both; the first round warms them and does not count. */
const compare = async (label: string, measure: Measure, without: Work, cached: Work): Promise<void> => {
  const taken: { without: number; cached: number }[] = [];
  for (let round = 0; round <= measure.rounds; round += 1) {
    const first = await oneRound(measure, without);
    taken.push({ without: first, cached: await oneRound(measure, cached) });
  }
  const counted = taken.slice(1);
  const times = [median(counted.map((one) => one.without)), median(counted.map((one) => one.cached))];
  const gain = median(counted.map((one) => one.without / one.cached));
  const figures = [...times.map((time) => `${time.toFixed(0)} µs`), `${gain.toFixed(2)} ×`];
  process.stdout.write(`  ${label.padEnd(8)}${figures.map(column).join('')}\n`);
};

const heading = (text: string): void => {
  process.stdout.write(`${text}\n${''.padEnd(10)}${['without', 'cached', 'gain'].map(column).join('')}\n`);
};

const registryOf = (identity: Identity, documents: ReturnType<typeof documentsOf>): Registry => {
  const policy = identity.parsePolicy(documents.policy);
  const keys = identity.parseKeys(documents.keys);
  if (!policy.ok || !keys.ok) throw new Error('the registry of the benchmark is refused');
  return identity.buildRegistry(policy.policy, keys.keys);
};

const createEvent = ({ token }: Caller, port: number): CloudFrontRequestEvent => {
  const endpoint = `http://127.0.0.1:${port}`;
  const config = testConfig(['euw1']);
  const regions = Object.fromEntries(
    Object.entries(config.regions).map(([code, region]) => [code, { ...region, s3: endpoint, sqs: endpoint }]),
  );
  const headers = formatGateConfig({ ...config, env: LOCAL_ENV, defaultRegion: 'euw1', regions });
  const body = { name: 'photo.png', size: 65_536, type: 'image/png' };
  return cloudFrontEvent(
    { method: 'POST', uri: '/v1/uploads', headers: { authorization: `Bearer ${token}` }, body },
    headers,
  );
};

/** The gate writes a line for each request; here nobody reads them. */
const quietly = async <Value>(work: () => Promise<Value>): Promise<Value> => {
  const { write } = process.stdout;
  process.stdout.write = () => true;
  try {
    return await work();
  } finally {
    process.stdout.write = write;
  }
};

/** Creates of every caller against an outside whose queue takes so many milliseconds. */
const compareCreates = async (
  gate: Both<Gate>,
  callers: readonly Caller[],
  measure: Measure,
  queueMs: number,
): Promise<void> => {
  const { worker, port } = await startOutside(documentsOf(callers), queueMs);
  for (const caller of callers) {
    const event = createEvent(caller, port);
    const first = (await quietly(() => gate.without.handler(event))) as { readonly status?: string };
    if (first.status !== '201') throw new Error(`create answered ${JSON.stringify(first)}`);
    await compare(
      caller.algorithm,
      measure,
      () => quietly(() => gate.without.handler(event)),
      () => quietly(() => gate.cached.handler(event)),
    );
  }
  await worker.terminate();
};

const main = async (): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), 'nearput-bench-'));
  try {
    const callers = await createCallers();
    const documents = documentsOf(callers);
    const identity = await buildBoth<Identity>(IDENTITY, 'identity', folder);
    const gate = await buildBoth<Gate>("export * from './edge/gate.lambda.ts';", 'gate', folder);
    const registry = registryOf(identity.without, documents);
    const cachedRegistry = registryOf(identity.cached, documents);

    heading('verification, processor time');
    for (const { algorithm, token } of callers) {
      await compare(
        algorithm,
        VERIFICATION,
        () => identity.without.verifyToken(token, registry, Date.now()),
        () => identity.cached.verifyToken(token, cachedRegistry, Date.now()),
      );
    }
    heading('create, processor time');
    await compareCreates(gate, callers, CREATE, 0);
    heading(`create, time, with a queue that takes ${QUEUE_MS} ms`);
    await compareCreates(gate, callers, WAITING, QUEUE_MS);
    process.stdout.write(`bytes of the trial in the gate: ${gate.bytes[1] - gate.bytes[0]}\n`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

await main();
