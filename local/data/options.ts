import type { Credential } from '../support/credentials.ts';
import type { SessionRoles } from '../support/role-sessions.ts';
import type { FaultRule } from './faults.ts';

/** One Region's endpoints; port 0: any free one. */
export interface DataRegion {
  /** Region code, such as `euw1`; the folder of its data. */
  readonly code: string;
  /** AWS name, such as `eu-west-1`. */
  readonly name: string;
  readonly sqsPort: number;
  readonly dynamodbPort: number;
}

export interface DataOptions {
  readonly env: string;
  /** Twelve digits. */
  readonly account: string;
  readonly dataDir: string;
  readonly regions: readonly DataRegion[];
  readonly credentials: readonly Credential[];
  /** Roles whose sessions are known too. Default none. */
  readonly sessions?: SessionRoles;
  readonly issuerPort: number;
  readonly clockOffsetSeconds: number;
}

/** Where everything listens: `http://127.0.0.1:{port}`, by Region code. */
export interface DataUrls {
  readonly regions: Readonly<Record<string, { readonly sqs: string; readonly dynamodb: string }>>;
  readonly issuer: string;
}

/** Messages on disk by Region code and queue name. */
export type DataStats = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** Messages the parent process sends. `start` comes first and once. */
export type DataCommand =
  | { readonly type: 'start'; readonly options: DataOptions }
  | { readonly type: 'clock'; readonly offsetSeconds: number }
  | { readonly type: 'fault'; readonly rule: FaultRule }
  | { readonly type: 'clear-faults' }
  | { readonly type: 'stats'; readonly id: number }
  | { readonly type: 'stop' };

/** Messages the child process answers with. */
export type DataReport =
  | { readonly type: 'ready'; readonly urls: DataUrls }
  | { readonly type: 'failed'; readonly message: string }
  | { readonly type: 'stats'; readonly id: number; readonly stats: DataStats };
