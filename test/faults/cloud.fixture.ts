import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ListObjectVersionsCommand, S3Client } from '@aws-sdk/client-s3';
import { type Client, type ClientOptions, createClient } from '../../client/client.ts';
import { nodeHashes } from '../../client/node/hashes.ts';
import { createNodeTransport } from '../../client/node/transport.ts';
import { parseId } from '../../core/contract/ids.ts';
import { ownerKeyOf } from '../../core/identity/owner-key.ts';
import { EVENT_DEFAULTS } from '../../local/s3/options.ts';
import { createS3Parts } from '../../origin/objects/s3-parts.ts';
import { createS3Store } from '../../origin/objects/s3-store.ts';
import type { Subject } from '../../origin/record/facts.ts';
import { createDynamoStore } from '../../origin/store/dynamo-store.ts';
import { ask, callGateway, mint } from '../support/gateway.ts';
import type { LocalJson } from '../support/platform.ts';
import type { Random } from '../support/random.ts';
import { openLines, STORAGE_LINES } from './lines.fixture.ts';
import type { Scene, Told } from './scene.fixture.ts';

const ISSUER = { id: 'local', issuer: 'https://issuer.nearput.test/local' };
const TENANT = 't1';

/** The platform works on what S3 told within a second or two; with two busy cores in more. */
const PATIENCE_MS = 20_000;

/** A client that waits little between tries. */
const SDK = { retries: 8, idleTimeoutMs: 1_500, patienceMs: 5_000 } as const;

const openRegion = (platform: LocalJson, code: string) => {
  const region = platform.regions[code];
  if (region === undefined) throw new Error(`the platform has no Region ${code}`);
  const settings = { region: region.name, credentials: platform.admin };
  const direct = new S3Client({ ...settings, endpoint: region.s3, forcePathStyle: true });
  const dynamodb = new DynamoDBClient({ ...settings, endpoint: region.dynamodb });
  const { bucket, table } = region;
  return {
    direct,
    bucket,
    s3Url: region.s3,
    truth: {
      store: createDynamoStore({ client: dynamodb, table }),
      objects: createS3Store({ client: direct, bucket, now: Date.now }),
      parts: createS3Parts({ client: direct, completer: direct, bucket }),
    },
    close: (): void => {
      direct.destroy();
      dynamodb.destroy();
    },
  };
};

/** The running platform, behind lines that may break. */
export const openCloud = async (platform: LocalJson) => {
  const lines = await openLines(platform);
  const change = async (method: string, path: string, body?: object): Promise<void> => {
    const headers = { 'content-type': 'application/json' };
    const more = body === undefined ? {} : { body: JSON.stringify(body) };
    const answer = await ask(`${platform.edge}/_local/${path}`, { method, headers, ...more });
    if (answer.status !== 200) throw new Error(`the platform answered ${answer.status}: ${answer.text}`);
  };
  let changed = false;
  const regions = new Map(STORAGE_LINES.map((code) => [String(code), openRegion(platform, code)]));
  return {
    platform,
    lines,
    regions,
    /** A fault inside the platform, as `POST /_local/faults` takes it. */
    plant: async (fault: object): Promise<void> => {
      changed = true;
      await change('POST', 'faults', fault);
    },
    /** How S3's events travel, as `POST /_local/events` takes it. */
    events: async (how: object): Promise<void> => {
      changed = true;
      await change('POST', 'events', how);
    },
    /** Nothing is broken any more, and what was late has arrived. */
    calm: async (): Promise<void> => {
      await lines.calm();
      if (!changed) return;
      await change('DELETE', 'faults');
      const { minDelayMs, maxDelayMs, duplicateRate } = EVENT_DEFAULTS;
      await change('POST', 'events', { minDelayMs, maxDelayMs, duplicateRate });
      changed = false;
    },
    close: async (): Promise<void> => {
      for (const region of regions.values()) region.close();
      await lines.close();
    },
  };
};

export type Cloud = Awaited<ReturnType<typeof openCloud>>;

/** A person that nobody else is, with an SDK over the lines. */
export const createPerson = async ({ platform, lines, regions, calm }: Cloud, random: Random) => {
  const sub = `person ${random.bytes(12).toString('hex')}`;
  const ownerKey = ownerKeyOf({ ownership: 'subject', issuer: ISSUER.issuer, tenant: TENANT, subject: sub });
  const token = await mint(platform, { sub, tenant: TENANT });
  const stranger = await mint(platform, { sub: 'a stranger' });
  const told: Told[] = [];
  const ids: string[] = [];
  const transports: { readonly close: () => void }[] = [];

  const subjectOf = (id: string): Subject => {
    const upload = parseId(id);
    if (upload === undefined) throw new Error(`${id} is no id`);
    return { issuerId: ISSUER.id, ownerKey, id: upload.id, upload };
  };
  const regionOf = ({ upload }: Subject) => {
    const region = regions.get(upload.region);
    if (region === undefined) throw new Error(`there is no Region ${upload.region}`);
    return region;
  };
  const askAbout = async (method: string, path: string, json?: unknown, as = token): Promise<Told> => {
    const startedAt = performance.now();
    const more = json === undefined ? {} : { body: json };
    const answer = await callGateway(platform, method, `/v1/uploads/${path}`, { token: as, ...more });
    const code = answer.status < 400 ? '' : ` ${String(Reflect.get(answer.json as object, 'code'))}`;
    const one = { line: `${answer.status}${code}`, ms: performance.now() - startedAt, body: answer.json ?? null };
    told.push(one);
    return one;
  };

  return {
    lines,
    told,
    /** Every id this person was given. */
    ids,
    subjectOf,
    /** An SDK of this person: a process of its own, as it were. */
    client: (options: Partial<ClientOptions> = {}): Client => {
      const inner = createNodeTransport();
      transports.push(inner);
      return createClient({
        endpoint: platform.edge,
        token,
        transport: lines.transport(inner, told),
        hashes: nodeHashes,
        headers: { 'x-sim-viewer': 'dublin' },
        random: () => random.below(100) / 2_000,
        ...SDK,
        ...options,
      });
    },
    /** The Region of an upload, as the invariants are checked there. */
    sceneOf: (id: string): Scene => {
      return {
        ...regionOf(subjectOf(id)),
        told,
        ask: askAbout,
        strangerToken: async () => stranger,
        converge: calm,
        patienceMs: PATIENCE_MS,
      };
    },
    /** How many objects lie under this person's prefix, in all Regions. */
    objects: async (): Promise<number> => {
      const Prefix = `u/${ISSUER.id}/${ownerKey}/`;
      const counts = [...regions.values()].map(async ({ direct, bucket: Bucket }) => {
        const { Versions = [] } = await direct.send(new ListObjectVersionsCommand({ Bucket, Prefix }));
        return Versions.length;
      });
      return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
    },
    /** Numbers of the parts that S3 holds of an open upload. */
    heldParts: async (id: string): Promise<readonly number[]> => {
      const subject = subjectOf(id);
      const { truth } = regionOf(subject);
      const options = { signal: AbortSignal.timeout(5_000) };
      const [open] = await truth.parts.listUploads(subject, options);
      const page = open === undefined ? null : await truth.parts.listParts(subject, open.uploadId, 0, options);
      return (page?.parts ?? []).map(({ number }) => number);
    },
    close: (): void => {
      for (const transport of transports) transport.close();
    },
  };
};

export type Person = Awaited<ReturnType<typeof createPerson>>;
