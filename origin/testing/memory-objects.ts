import { objectKey } from '../../core/objects/object-key.ts';
import type { DownloadRequest, ObjectStore } from '../objects/object-store.ts';
import { type HeadFacts, seeVersion } from '../objects/see.ts';
import type { Subject } from '../record/facts.ts';

type Version = { readonly versionId: string; readonly head: HeadFacts | 'marker' };

/** A bucket in memory, for tests: versions and delete markers by key, newest last, and what was done to them. */
export const createMemoryObjects = () => {
  const keys = new Map<string, Version[]>();
  const calls: string[] = [];
  const links: DownloadRequest[] = [];
  const versionsOf = (subject: Subject): Version[] => {
    const key = objectKey(subject);
    const versions = keys.get(key) ?? [];
    keys.set(key, versions);
    return versions;
  };
  const objects: ObjectStore = {
    head: async (subject, versionId, { signal }) => {
      signal.throwIfAborted();
      calls.push(`head ${versionId ?? 'latest'}`);
      const versions = versionsOf(subject);
      const found = versionId === null ? versions.at(-1) : versions.find((version) => version.versionId === versionId);
      if (found === undefined) return { found: false, deleteMarker: false };
      return found.head === 'marker' ? { found: false, deleteMarker: true } : seeVersion(subject, found.head);
    },
    deleteVersion: async (subject, versionId, { signal }) => {
      signal.throwIfAborted();
      calls.push(`delete ${versionId}`);
      const versions = versionsOf(subject);
      const index = versions.findIndex((version) => version.versionId === versionId);
      if (index >= 0) versions.splice(index, 1);
    },
    presignDownload: async (request) => {
      links.push(request);
      return { url: `https://bucket.example/${request.key}`, expiresAt: '2026-11-21T00:05:00.000Z' };
    },
  };
  return {
    ...objects,
    calls,
    links,
    put: (subject: Subject, head: HeadFacts): void => {
      versionsOf(subject).push({ versionId: head.versionId, head });
    },
    mark: (subject: Subject, versionId: string): void => {
      versionsOf(subject).push({ versionId, head: 'marker' });
    },
    versions: (subject: Subject): string[] => versionsOf(subject).map(({ versionId }) => versionId),
  };
};

export type MemoryObjects = ReturnType<typeof createMemoryObjects>;
