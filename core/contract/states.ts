/** States, kinds and permissions as closed sets. Imports nothing, so k6 can load it. */

/** States a record can show. `EXPIRED` is computed on read; a purged record answers 410 and is never shown. */
export const STATES = [
  'CREATED',
  'COMPLETING',
  'RECEIVED',
  'UPLOADED',
  'REJECTED',
  'ABORTED',
  'EXPIRED',
  'DELETED',
] as const;
export type State = (typeof STATES)[number];

/** How the bytes travel; the position is the kind's number in an id. */
export const KINDS = ['put', 'form', 'multipart', 'document'] as const;
export type Kind = (typeof KINDS)[number];

/** What each part must carry; the position is the mode's number in an id. */
export const CHECKSUM_MODES = ['none', 'sha256'] as const;
export type ChecksumMode = (typeof CHECKSUM_MODES)[number];

/** What a token can be allowed to do. */
export const PERMISSIONS = ['uploads:create', 'uploads:read', 'uploads:delete', 'documents:create'] as const;
export type Permission = (typeof PERMISSIONS)[number];

/** Why a Region was chosen. */
export const REGION_REASONS = [
  'failover',
  'residency',
  'preferred',
  'drained',
  'avoided',
  'viewer-location',
  'viewer-country',
  'edge-region',
  'default',
] as const;
export type RegionReason = (typeof REGION_REASONS)[number];
