import { type ClientOptions, createClient } from '../client.ts';
import { nodeHashes } from '../node/hashes.ts';
import { createMemoryStore } from '../state/memory-store.ts';
import type { FakeCloud } from './fake-cloud.ts';

/** A client of the fake cloud that never really waits: back-off is nothing, patience has run out. */
export const clientOf = (cloud: Pick<FakeCloud, 'transport'>, options: Partial<ClientOptions> = {}) => {
  const state = createMemoryStore();
  const client = createClient({
    endpoint: 'https://gate.example',
    token: 't',
    transport: cloud.transport,
    state,
    hashes: nodeHashes,
    retries: 3,
    random: () => 0,
    patienceMs: 0,
    ...options,
  });
  return { client, state };
};

/** Numbers 0 to 255 again and again: no two neighbouring parts of ten are equal. */
export const someBytes = (size: number): Buffer => Buffer.from(Array.from({ length: size }, (_, index) => index % 251));
