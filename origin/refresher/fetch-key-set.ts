import type { LookupAddress } from 'node:dns';
import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isLoopbackKeySetUrl } from '../../core/contract/issuer-entry.ts';
import { KEY_SET } from '../../core/contract/limits.ts';
import { isPublicAddress } from './public-address.ts';

/** Every address of a host name. */
export type Resolve = (hostname: string) => Promise<readonly LookupAddress[]>;

export type FetchKeySetDeps = {
  readonly resolve: Resolve;
  /** Plain http to 127.0.0.1, for the local platform alone. */
  readonly allowLoopback: boolean;
};

/** The bytes of a key set. Throws for whatever is not a plain 200 within the limits. */
export type FetchKeySet = (url: string) => Promise<Uint8Array>;

/** The address to connect to; one that is not public refuses the host, because the next look-up could give just that one. */
const pinnedAddress = async (hostname: string, resolve: Resolve): Promise<LookupAddress> => {
  const addresses = await resolve(hostname);
  const [first] = addresses;
  if (first === undefined) throw new Error('the host has no address');
  if (!addresses.every(({ address }) => isPublicAddress(address)))
    throw new Error('the host has an address that is not public');
  return first;
};

/** Answers every look-up of the connection with the address that was checked. */
const lookupOf =
  (pinned: LookupAddress): NonNullable<RequestOptions['lookup']> =>
  (_hostname, options, callback) => {
    if (options.all === true) callback(null, [pinned]);
    else callback(null, pinned.address, pinned.family);
  };

const readBounded = async (response: IncomingMessage): Promise<Uint8Array> => {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > KEY_SET.maxBytes) throw new Error(`the answer has more than ${KEY_SET.maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
};

const read = async (response: IncomingMessage): Promise<Uint8Array> => {
  try {
    if (response.statusCode !== 200) throw new Error(`the answer has status ${response.statusCode}`);
    const encoding = response.headers['content-encoding'];
    if (encoding !== undefined && encoding !== 'identity') throw new Error('the answer is compressed');
    return await readBounded(response);
  } finally {
    response.destroy();
  }
};

const send = (url: string, options: RequestOptions): Promise<Uint8Array> =>
  new Promise((resolve, reject) => {
    const request = url.startsWith('https:') ? httpsRequest : httpRequest;
    const sent = request(url, options, (response) => {
      read(response).then(resolve, reject);
    });
    sent.on('error', reject);
    sent.end();
  });

/**
 * Fetches key sets as hostile input: https on 443 (the entry's form says so), every address public and the checked one pinned for the
 * connection, no redirects, no compression, 64 KiB, 800 ms in all.
 */
export const createFetchKeySet =
  ({ resolve, allowLoopback }: FetchKeySetDeps): FetchKeySet =>
  async (url) => {
    const signal = AbortSignal.timeout(KEY_SET.timeoutMs);
    const loopback = isLoopbackKeySetUrl(url);
    if (loopback && !allowLoopback) throw new Error('loopback is only for the local platform');
    if (!loopback && !url.startsWith('https://')) throw new Error('the address is not https');
    const late = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(new Error(`no whole answer within ${KEY_SET.timeoutMs} ms`)));
    });
    const fetched = async (): Promise<Uint8Array> => {
      const headers = { accept: 'application/json', 'accept-encoding': 'identity', 'user-agent': 'nearput' };
      const base = { method: 'GET', headers, agent: false, signal } satisfies RequestOptions;
      if (loopback) return send(url, base);
      return send(url, { ...base, lookup: lookupOf(await pinnedAddress(new URL(url).hostname, resolve)) });
    };
    return Promise.race([fetched(), late]);
  };
