import type { RegistryRegion } from '../registry/region.ts';

/** Where issuers are published: all Regions of one deployment, and who publishes. */
export type Deployment = {
  /** For people: which deployment this is. */
  readonly label: string;
  /** The primary Region first. */
  readonly regions: readonly RegistryRegion[];
  /** The caller's AWS identity, for the audit log. */
  readonly who: () => Promise<string>;
  /** Whether key sets may lie on this machine. */
  readonly allowLoopback: boolean;
  /** Whether a published entry (raw) stays although the folder does not have it: the local platform's own. */
  readonly keeps: (entry: unknown) => boolean;
  /** Buckets of the uploads by Region code. */
  readonly uploads: ReadonlyMap<string, UploadsBucket>;
  readonly close: () => void;
};

/** The bucket policy of a Region's uploads. */
export type UploadsBucket = {
  readonly bucket: string;
  /** The policy as JSON text; `null`: there is none. */
  readonly readPolicy: () => Promise<string | null>;
  /** `null` removes it: S3 takes no policy without statements. */
  readonly writePolicy: (policy: string | null) => Promise<void>;
};

/** What says which deployment is meant. */
export type DeploymentOptions = {
  readonly env?: string;
  readonly account?: string;
  /** Codes separated by commas, the primary Region first. */
  readonly regions?: string;
  readonly data?: string;
};
