import { DeleteMessageCommand, ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { createS3Parts } from '../../origin/objects/s3-parts.ts';
import { createS3Store } from '../../origin/objects/s3-store.ts';
import { createBatchHandler } from '../../origin/recorder/handle-batch.ts';
import { createDynamoStore } from '../../origin/store/dynamo-store.ts';
import { SILENT } from '../../origin/telemetry/telemetry.ts';
import { createApiWorld } from '../../origin/testing/api-world.ts';
import { type CrashPoint, createMortal } from '../../origin/testing/crash.ts';
import type { UploadWish } from '../../origin/testing/subjects.ts';
import { createWorkHandler } from '../../origin/worker/handle-work.ts';
import { createWorkQueue } from '../../origin/worker/work-queue.ts';
import type { Random } from '../support/random.ts';
import type { Told } from './scene.fixture.ts';
import { BUCKET, type Servers } from './servers.fixture.ts';

/** Milliseconds a request may take in these tests: shorter than in life, so that what hangs is over sooner. */
const BUDGET_MS = 700;

const TOKEN_LIFE_SECONDS = 1_800;

/** The origin of one cell on running servers: its API, its recorder and its worker, all in this process. */
export const createWorld = (servers: Servers) => {
  const { clients } = servers;
  /** Time that a patient client let pass, without anybody having to wait for it. */
  let ahead = 0;
  const clock = {
    get now(): number {
      return Date.now() + ahead;
    },
    set now(value: number) {
      ahead = value - Date.now();
    },
  };
  const ports = {
    store: createDynamoStore({ client: clients.dynamodb, table: servers.table }),
    objects: createS3Store({ client: clients.s3, bucket: BUCKET, now: () => clock.now }),
    parts: createS3Parts({ client: clients.s3, completer: clients.completer, bucket: BUCKET }),
    work: createWorkQueue({ client: clients.sqs, queueUrl: servers.workQueueUrl }),
  };
  /** The same without anything between. */
  const truth = {
    store: createDynamoStore({ client: clients.directDynamodb, table: servers.table }),
    objects: createS3Store({ client: clients.direct, bucket: BUCKET, now: () => clock.now }),
    parts: createS3Parts({ client: clients.direct, completer: clients.direct, bucket: BUCKET }),
  };
  let processes = 0;
  const newToken = (): string => {
    processes += 1;
    return `process ${processes}`;
  };
  const apiOf = (some: typeof ports) =>
    createApiWorld({ ...some, newToken, cells: new Map([['euw1', some.store]]) }, { clock });
  const api = apiOf(ports);
  const tokenNow = (claims: Record<string, unknown> = {}): string => {
    const now = Math.floor(clock.now / 1_000);
    return api.tokenWith({ iat: now - 5, exp: now + TOKEN_LIFE_SECONDS, ...claims });
  };
  const told: Told[] = [];

  const askOn = async (
    on: typeof api,
    method: string,
    path: string,
    json?: unknown,
    token = tokenNow(),
  ): Promise<Told> => {
    const startedAt = performance.now();
    const response = await on.ask(method, `/v1/uploads/${path}`, {
      token,
      headers: { 'x-nearput-budget-ms': String(BUDGET_MS) },
      ...(json === undefined ? {} : { json }),
    });
    const text = await response.text();
    const body: unknown = text === '' ? null : JSON.parse(text);
    const code = response.status < 400 ? '' : ` ${(body as { code: string }).code}`;
    const answer = { line: `${response.status}${code}`, ms: performance.now() - startedAt, body };
    told.push(answer);
    return answer;
  };

  const recorderOn = ({ store, objects }: typeof truth) =>
    createBatchHandler({
      store,
      objects,
      region: 'euw1',
      bucket: BUCKET,
      now: () => clock.now,
      telemetry: SILENT,
      messageMs: 1_500,
    });
  const workerOn = (some: typeof truth) =>
    createWorkHandler({
      ...some,
      telemetry: SILENT,
      region: 'euw1',
      now: () => clock.now,
      monotonic: () => performance.now(),
      pause: async (milliseconds) => {
        clock.now += milliseconds;
        await new Promise((resolve) => setTimeout(resolve, 1));
      },
      totalMs: 20_000,
    });

  /** Gives the recorder what S3 told, in any order and some of it twice. What it cannot record comes again. */
  const recordEvents = async (random: Random, on = truth): Promise<void> => {
    const messages = servers.events.messages.splice(0);
    const again = messages.filter(() => random.chance(0.3));
    const all = random.shuffle([...messages, ...again]);
    const Records = all.map((message, index) => ({ messageId: String(index), body: JSON.stringify(message) }));
    const { batchItemFailures } = await recorderOn(on)({ Records });
    for (const { itemIdentifier } of batchItemFailures) {
      const message = all[Number(itemIdentifier)];
      if (message !== undefined) servers.events.messages.push(message);
    }
  };

  /** Whatever S3 has to tell is told, and nobody hears it. */
  const loseEvents = async (): Promise<void> => {
    while (servers.hasEvents()) {
      servers.events.messages.length = 0;
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  };

  /** Gives the worker everything in its queue once. What it cannot finish comes again. */
  const runWorker = async (on = truth): Promise<void> => {
    const QueueUrl = servers.workQueueUrl;
    const bodies: string[] = [];
    for (;;) {
      const { Messages = [] } = await clients.directSqs.send(
        new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }),
      );
      if (Messages.length === 0) break;
      for (const { Body = '', ReceiptHandle } of Messages) {
        bodies.push(Body);
        await clients.directSqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
      }
    }
    for (const body of bodies) {
      const { batchItemFailures } = await workerOn(on)({ Records: [{ messageId: 'm', body }] });
      if (batchItemFailures.length === 0) continue;
      if (on === truth) throw new Error('the worker did not finish its work');
      await clients.directSqs.send(new SendMessageCommand({ QueueUrl, MessageBody: body }));
    }
  };

  /** What was on its way arrives, the recorder hears everything, the worker does its work. */
  const converge = async (random: Random): Promise<void> => {
    await servers.calm();
    await runWorker();
    // What the recorder removes tells of itself.
    for (let turn = 0; servers.hasEvents(); turn += 1) {
      if (turn > 2_000) throw new Error('events were not recorded');
      await recordEvents(random);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  };

  return {
    servers,
    truth,
    direct: clients.direct,
    bucket: BUCKET,
    s3Url: servers.s3Url,
    clock,
    told,
    tokenNow,
    strangerToken: async () => tokenNow({ sub: 'a stranger' }),
    converge,
    patienceMs: 0,
    recordEvents,
    loseEvents,
    runWorker,
    /** Recorder or worker on lines that may break, as the API is. */
    faulty: { store: ports.store, objects: ports.objects, parts: ports.parts },
    ask: (method: string, path: string, json?: unknown, token?: string) => askOn(api, method, path, json, token),
    /** One request in a process of its own that dies at a point; its answer or `died`, and how many calls it made. */
    askMortal: async (point: CrashPoint | null, method: string, path: string) => {
      const mortal = createMortal(point);
      const some = {
        store: mortal.wrap(ports.store),
        objects: mortal.wrap(ports.objects),
        parts: mortal.wrap(ports.parts),
        work: mortal.wrap(ports.work),
      };
      const answer = await mortal.live(askOn(apiOf(some), method, path));
      return { line: answer === 'died' ? 'died' : answer.line, calls: mortal.calls() };
    },
    grant: (wish: UploadWish) =>
      api.grant({ type: 'application/octet-stream', createdAt: new Date(clock.now).toISOString(), ...wish }),
  };
};

export type World = ReturnType<typeof createWorld>;

const PATIENCE_TURNS = 300;

/** Calls until the answer is neither 202 nor 503, as clients do; the time between is only let pass. */
export const askUntilSettled = async (world: World, method: string, path: string, json?: unknown): Promise<Told> => {
  for (let turn = 0; turn < PATIENCE_TURNS; turn += 1) {
    const told = await world.ask(method, path, json);
    if (!/^202|^503/.test(told.line)) return told;
    world.clock.now += 1_000;
  }
  throw new Error(`${method} ${path} was never settled`);
};

/** The status and code of the answer that settles it. */
export const persist = async (world: World, method: string, path: string, json?: unknown): Promise<string> =>
  (await askUntilSettled(world, method, path, json)).line;
