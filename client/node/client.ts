import { type Client, type ClientOptions, createClient } from '../client.ts';
import { nodeHashes } from './hashes.ts';
import { createNodeTransport } from './transport.ts';

/** The SDK for Node: its own HTTP client and hashes. Give `state: createFileStore(folder)` to go on after a crash. */
export const createNodeClient = (
  options: Omit<ClientOptions, 'transport'>,
): Client & { readonly close: () => void } => {
  const transport = createNodeTransport();
  return { ...createClient({ transport, hashes: nodeHashes, ...options }), close: transport.close };
};
