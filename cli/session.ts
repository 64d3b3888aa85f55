import { type Client, createClient } from '../client/client.ts';
import { createFileStore } from '../client/node/file-store.ts';
import { nodeHashes } from '../client/node/hashes.ts';
import { createNodeTransport } from '../client/node/transport.ts';
import { findLocalPlatform, isGone, isLoopback, type LocalPlatform, parseEndpoint } from './discover.ts';
import { UsageError } from './exit.ts';
import { reasonInWords } from './file-error.ts';
import { stateFolder } from './state-folder.ts';
import { mintToken, readTokenFile } from './token.ts';
import { watchFinished } from './upload/finished-keys.ts';
import { tolerant } from './upload/tolerant-store.ts';

/** Options every command takes. */
export type GlobalOptions = {
  readonly endpoint?: string;
  readonly token?: string;
  readonly tokenFile?: string;
  readonly data?: string;
  readonly json?: boolean;
};

export type Environment = {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly notice: (line: string) => void;
};

type Place = { readonly endpoint: string; readonly platform: LocalPlatform | undefined };

const LOCAL_TOKEN_SECONDS = 3_600;

const NO_ENDPOINT =
  'no endpoint: give --endpoint or NEARPUT_URL, or start the local platform with npm start and call this from its folder';

/** Where to send requests: told, or discovered. */
export const findPlace = (options: GlobalOptions, { env, cwd }: Environment): Place => {
  const told = options.endpoint ?? env['NEARPUT_URL'];
  if (told !== undefined && told !== '') return { endpoint: parseEndpoint(told), platform: undefined };
  const platform = findLocalPlatform({ data: options.data ?? env['NEARPUT_DATA'], from: cwd });
  if (platform === undefined) throw new UsageError(NO_ENDPOINT);
  return { endpoint: parseEndpoint(platform.edge), platform };
};

const toldToken = (options: GlobalOptions): string | undefined => {
  if (options.token !== undefined && options.tokenFile !== undefined)
    throw new UsageError('give --token or --token-file, not both');
  if (options.tokenFile !== undefined) return readTokenFile(options.tokenFile);
  return options.token === '-' ? readTokenFile('-') : options.token;
};

/** A fresh token of the local test issuer, renewed before it ends. */
const localTokens = (transport: ReturnType<typeof createNodeTransport>, platform: LocalPlatform) => {
  let minted: { readonly token: Promise<string>; readonly until: number } | undefined;
  return (): Promise<string> => {
    if (minted === undefined || minted.until < Date.now()) {
      const token = mintToken(transport, platform.issuer, 'local', { expiresIn: LOCAL_TOKEN_SECONDS });
      minted = { token, until: Date.now() + (LOCAL_TOKEN_SECONDS / 2) * 1_000 };
    }
    return minted.token;
  };
};

const tokenFor = (
  place: Place,
  options: GlobalOptions,
  environment: Environment,
  transport: ReturnType<typeof createNodeTransport>,
): (() => string | Promise<string>) => {
  const told = toldToken(options);
  if (told !== undefined) return () => told;
  if (place.platform !== undefined) {
    // A token from the environment belongs to another gateway and is never sent to one that was merely found.
    const { pid } = place.platform;
    const gone = isGone(pid) ? `; its process ${pid} is gone: if it does not answer, npm start begins it anew` : '';
    environment.notice(`using the local platform at ${place.endpoint} with a token of its test issuer${gone}`);
    return localTokens(transport, place.platform);
  }
  const fromEnvironment = environment.env['NEARPUT_TOKEN'];
  if (fromEnvironment === undefined || fromEnvironment === '') {
    throw new UsageError(
      'no token: give --token, --token-file or NEARPUT_TOKEN (npx nearput token makes one on the local platform)',
    );
  }
  return () => fromEnvironment;
};

export type Session = {
  readonly client: Client;
  readonly transport: ReturnType<typeof createNodeTransport>;
  readonly endpoint: string;
  /** Forgets the finished uploads that this session remembered or met. */
  readonly forgetFinished: () => Promise<void>;
  readonly close: () => void;
};

/** Opens a session with the gateway that the options, the environment or a running local platform name. */
export const openSession = (options: GlobalOptions, environment: Environment): Session => {
  const place = findPlace(options, environment);
  const transport = createNodeTransport();
  const token = tokenFor(place, options, environment, transport);
  const state = watchFinished(
    tolerant(createFileStore(stateFolder(environment.env)), (error) =>
      environment.notice(`this upload cannot be resumed, because its state cannot be kept: ${reasonInWords(error)}`),
    ),
  );
  return {
    client: createClient({ endpoint: place.endpoint, token, transport, state: state.store, hashes: nodeHashes }),
    transport,
    endpoint: place.endpoint,
    forgetFinished: state.forget,
    close: transport.close,
  };
};

/** Base URL of the test issuer: the one a loopback endpoint's `GET /_local` names, else the discovered one. */
export const findIssuer = async (
  options: GlobalOptions,
  environment: Environment,
  transport: ReturnType<typeof createNodeTransport>,
): Promise<string> => {
  const place = findPlace(options, environment);
  if (place.platform !== undefined) return place.platform.issuer;
  if (!isLoopback(place.endpoint))
    throw new UsageError('token asks a test issuer, which only a local platform has; --endpoint names another machine');
  const answer = await transport.send({
    method: 'GET',
    url: `${place.endpoint}/_local`,
    headers: {},
    idleTimeoutMs: 10_000,
  });
  const body: unknown = answer.status === 200 ? JSON.parse(answer.body) : undefined;
  const issuer = typeof body === 'object' && body !== null && 'issuer' in body ? body.issuer : undefined;
  if (typeof issuer !== 'string' || !isLoopback(issuer))
    throw new UsageError(`${place.endpoint}/_local names no test issuer; is a local platform running there?`);
  return issuer;
};
