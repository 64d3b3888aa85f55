import { API_STAGE, cellNames, queueUrl } from '../../core/config/names.ts';
import { CELLS } from './cells.ts';
import { type Endpoints, urlsOf } from './endpoints.ts';

/** What a program on this machine needs to find and use the platform. */
export interface LocalDescription {
  readonly pid: number;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly version: string;
  /** Absolute folder. */
  readonly data: string;
  readonly edge: string;
  readonly issuer: string;
  /** Ids of the entries that `--issuers` added: publishing a folder does not take them away. */
  readonly addedIssuers: readonly string[];
  /** By Region code. */
  readonly regions: Readonly<Record<string, LocalRegion>>;
}

interface LocalRegion {
  readonly name: string;
  readonly api: string;
  readonly s3: string;
  readonly bucket: string;
  readonly registryBucket: string;
  readonly queueUrl: string;
  readonly dynamodb: string;
  readonly table: string;
}

/** The description without secrets, as the front door gives it. `apis` by Region code. */
export function describeLocal(
  facts: Omit<LocalDescription, 'regions'>,
  endpoints: Endpoints,
  apis: Readonly<Record<string, string>>,
): LocalDescription {
  const regions = CELLS.map((cell) => {
    const { bucket, registryBucket, eventsQueue, table } = cellNames(cell);
    const { s3, sqs, dynamodb } = urlsOf(endpoints, cell);
    const region: LocalRegion = {
      name: cell.region,
      api: `${apis[cell.code]}/${API_STAGE}`,
      s3,
      bucket,
      registryBucket,
      queueUrl: queueUrl(cell, eventsQueue, sqs),
      dynamodb,
      table,
    };
    return [cell.code, region] as const;
  });
  return { ...facts, regions: Object.fromEntries(regions) };
}
