import { compareHead, type ObjectHead } from '../../core/objects/compare-head.ts';
import { decodeGrantMetadata } from '../../core/objects/grant-metadata.ts';
import type { Seen, Subject } from '../record/facts.ts';

/** What a HEAD shows beside what is compared. */
export type HeadFacts = ObjectHead & {
  readonly versionId: string;
  readonly etag: string | null;
  /** Milliseconds since 1970. */
  readonly lastModifiedMs: number;
};

const GRANT_NAME = 'nearput';

/** Turns one HEAD of a version into what a record can learn from it: the version, whether it is what was granted, and the grant. */
export const seeVersion = (subject: Subject, head: HeadFacts): Seen => {
  const compared = compareHead(subject.upload, head);
  // Every code but `grant` means that the metadata itself was proven by the id's digest.
  const proven = compared.ok
    ? compared.grant
    : compared.code === 'grant'
      ? undefined
      : decodeGrantMetadata(head.metadata[GRANT_NAME]);
  return {
    found: true,
    pin: {
      versionId: head.versionId,
      etag: head.etag,
      checksums: { ...head.checksums },
      lastModified: new Date(head.lastModifiedMs).toISOString(),
    },
    rejected: compared.ok ? null : { code: compared.code, detail: compared.detail },
    granted:
      proven === undefined
        ? null
        : {
            grant: { name: proven.name, type: proven.type, sha256: proven.sha256, metadata: { ...proven.metadata } },
            createdAt: proven.createdAt,
          },
  };
};
