import type { RegistryDocumentName } from '../../contract/registry.ts';
import type { FetchDocument, FetchedDocument } from '../registry-document.ts';
import { createTestKeys, createTestPolicy } from './issuers.ts';

/** How a Region answers: at once, with an error, or only after some milliseconds. */
export type Behaviour = 'up' | 'down' | { readonly afterMs: number };

export type Call = { readonly region: string; readonly name: RegistryDocumentName; readonly etag: string | null };

/** Long after every test: a policy whose comparison with other Regions never grows old. */
const ALWAYS_CONFIRMED = '2030-01-01T00:00:00.000Z';

/** Registry buckets of two Regions whose documents and moods a test can change. Run it under fake timers. */
export const createFakeRegistry = () => {
  const bodies: Record<string, Record<RegistryDocumentName, string>> = {};
  const moods: Record<string, Behaviour> = {};
  const calls: Call[] = [];

  const put = (region: string, versions: { policy?: number; keys?: number; checkedAt?: string }): void => {
    const checkedAt = versions.checkedAt ?? ALWAYS_CONFIRMED;
    const old = bodies[region];
    bodies[region] = {
      policy:
        versions.policy === undefined
          ? (old?.policy ?? '')
          : JSON.stringify(createTestPolicy([], { version: versions.policy })),
      keys:
        versions.keys === undefined ? (old?.keys ?? '') : JSON.stringify(createTestKeys({}, versions.keys, checkedAt)),
    };
  };
  const putText = (region: string, name: RegistryDocumentName, text: string): void => {
    bodies[region] = { policy: '', keys: '', ...bodies[region], [name]: text };
  };
  const answer = (region: string, name: RegistryDocumentName, etag: string | null): FetchedDocument => {
    const body = bodies[region]?.[name] ?? '';
    return etag === `"${body}"` ? { status: 'unchanged' } : { status: 'ok', body, etag: `"${body}"` };
  };

  const fetchDocument: FetchDocument = async (region, name, etag) => {
    calls.push({ region, name, etag });
    const mood = moods[region] ?? 'up';
    if (mood === 'down') throw new Error(`${region} is down`);
    // What the bucket holds when the request arrives is what it answers, however late.
    const answered = answer(region, name, etag);
    if (mood !== 'up') await new Promise((resolve) => setTimeout(resolve, mood.afterMs));
    return answered;
  };

  put('euw1', { policy: 1, keys: 1 });
  put('use1', { policy: 1, keys: 1 });
  return {
    fetchDocument,
    calls,
    put,
    putText,
    mood: (region: string, behaviour: Behaviour): void => {
      moods[region] = behaviour;
    },
  };
};
