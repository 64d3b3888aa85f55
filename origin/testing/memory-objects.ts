import { createHash } from 'node:crypto';
import { objectKey } from '../../core/objects/object-key.ts';
import type { DownloadRequest, ObjectStore } from '../objects/object-store.ts';
import type { HeldPart, PartStore } from '../objects/part-store.ts';
import { type HeadFacts, seeVersion } from '../objects/see.ts';
import type { Subject } from '../record/facts.ts';
import type { TestUpload } from './subjects.ts';

type Version = { readonly versionId: string; readonly head: HeadFacts | 'marker' };

type Upload = {
  readonly uploadId: string;
  readonly startedMs: number;
  readonly of: TestUpload;
  readonly parts: Map<number, HeldPart>;
};

const PAGE = 1_000;

const sha256 = (...chunks: readonly (string | Buffer)[]): Buffer => {
  const hash = createHash('sha256');
  for (const chunk of chunks) hash.update(chunk);
  return hash.digest();
};

/** What HEAD shows of the object that parts make: their sizes together, and a checksum of the kind that was asked for at the start. */
const joined = ({ of, parts, startedMs }: Upload, chosen: readonly HeldPart[], versionId: string): HeadFacts => {
  const digests = chosen.map((part) => Buffer.from(parts.get(part.number)?.sha256 ?? '', 'base64'));
  const composite = `${sha256(...digests).toString('base64')}-${chosen.length}`;
  return {
    ...of.head,
    contentLength: chosen.reduce((sum, part) => sum + part.size, 0),
    checksums: of.subject.upload.checksumMode === 'sha256' ? { sha256: composite } : { crc64nvme: 'AAAAAAAAAAA=' },
    versionId,
    etag: `"${sha256(chosen.map(({ etag }) => etag).join())
      .toString('hex')
      .slice(0, 32)}-${chosen.length}"`,
    lastModifiedMs: startedMs,
  };
};

/** A bucket in memory, for tests: versions and delete markers by key, newest last, open uploads, and what was done to them. */
export const createMemoryObjects = () => {
  const keys = new Map<string, Version[]>();
  const uploads = new Map<string, Upload>();
  const calls: string[] = [];
  const links: DownloadRequest[] = [];
  let made = 0;
  const versionsOf = (subject: Subject): Version[] => {
    const key = objectKey(subject);
    const versions = keys.get(key) ?? [];
    keys.set(key, versions);
    return versions;
  };
  const openOf = (subject: Subject): Upload[] =>
    [...uploads.values()].filter(({ of }) => objectKey(of.subject) === objectKey(subject));
  const find = (subject: Subject, uploadId: string): Upload | undefined =>
    openOf(subject).find((upload) => upload.uploadId === uploadId);

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

  const parts: PartStore = {
    listUploads: async (subject, { signal }) => {
      signal.throwIfAborted();
      calls.push('uploads');
      return openOf(subject)
        .map(({ uploadId, startedMs }) => ({ uploadId, startedMs }))
        .sort((a, b) => a.startedMs - b.startedMs || (a.uploadId < b.uploadId ? -1 : 1));
    },
    listParts: async (subject, uploadId, after, { signal }) => {
      signal.throwIfAborted();
      calls.push(`parts ${uploadId} ${after}`);
      const upload = find(subject, uploadId);
      if (upload === undefined) return null;
      const later = [...upload.parts.values()]
        .filter(({ number }) => number > after)
        .sort((a, b) => a.number - b.number);
      const page = later.slice(0, PAGE);
      return { parts: page, next: later.length > PAGE ? (page.at(-1)?.number ?? null) : null };
    },
    complete: async (subject, { uploadId, parts: chosen, crc64nvme }, { signal }) => {
      signal.throwIfAborted();
      calls.push(`complete ${uploadId}`);
      const upload = find(subject, uploadId);
      if (upload === undefined) return 'unsure';
      if (chosen.some(({ number, etag }) => upload.parts.get(number)?.etag !== etag)) return 'parts_changed';
      const latest = versionsOf(subject).at(-1);
      if (latest !== undefined && latest.head !== 'marker') return 'unsure';
      if (crc64nvme !== null && crc64nvme !== 'AAAAAAAAAAA=') return 'checksum_differs';
      made += 1;
      const versionId = `m${made}`;
      versionsOf(subject).push({ versionId, head: joined(upload, chosen, versionId) });
      uploads.delete(uploadId);
      return 'done';
    },
    abort: async (subject, uploadId, { signal }) => {
      signal.throwIfAborted();
      calls.push(`abort ${uploadId}`);
      if (find(subject, uploadId) !== undefined) uploads.delete(uploadId);
    },
  };

  return {
    ...objects,
    parts,
    calls,
    links,
    put: (subject: Subject, head: HeadFacts): void => {
      versionsOf(subject).push({ versionId: head.versionId, head });
    },
    mark: (subject: Subject, versionId: string): void => {
      versionsOf(subject).push({ versionId, head: 'marker' });
    },
    versions: (subject: Subject): string[] => versionsOf(subject).map(({ versionId }) => versionId),
    /** Starts a multipart upload, as the gate does. */
    open: (of: TestUpload, uploadId: string, startedMs = Date.parse(of.createdAt)): void => {
      uploads.set(uploadId, { uploadId, startedMs, of, parts: new Map() });
    },
    /** Sends a part. `content` tells parts of one size apart. Nothing happens when the upload is not open any more. */
    putPart: (uploadId: string, number: number, size: number, content = 'a'): void => {
      const upload = uploads.get(uploadId);
      const digest = upload?.of.subject.upload.checksumMode === 'sha256' ? sha256(content).toString('base64') : null;
      const etag = `"${sha256(`${content} ${size}`).toString('hex').slice(0, 32)}"`;
      upload?.parts.set(number, { number, size, etag, sha256: digest, crc64nvme: null });
    },
    /** Completes an upload with the parts it has, as another request may have done. */
    completeNow: async (subject: Subject, uploadId: string): Promise<void> => {
      const options = { signal: new AbortController().signal };
      const page = await parts.listParts(subject, uploadId, 0, options);
      await parts.complete(subject, { uploadId, parts: page?.parts ?? [], crc64nvme: null }, options);
    },
    openUploads: (subject: Subject): string[] => openOf(subject).map(({ uploadId }) => uploadId),
  };
};

export type MemoryObjects = ReturnType<typeof createMemoryObjects>;
