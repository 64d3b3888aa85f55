import type { S3Client } from '@aws-sdk/client-s3';
import type { OriginConfig } from '../../core/config/origin.ts';
import type { ObjectStore } from '../objects/object-store.ts';
import type { PartStore } from '../objects/part-store.ts';
import { createS3Parts } from '../objects/s3-parts.ts';
import { createS3Store } from '../objects/s3-store.ts';
import { createDynamoStore } from '../store/dynamo-store.ts';
import type { RecordStore } from '../store/record-store.ts';
import { createCompleter, createDynamoClient, createS3Client, ownRegion } from './clients.ts';
import { wallClock } from './clocks.ts';

export type OwnCell = {
  readonly s3: S3Client;
  readonly store: RecordStore;
  readonly objects: ObjectStore;
  readonly parts: PartStore;
};

/** The stores of the own cell. Its endpoints are the SDK's own setting, never the one of `NEARPUT_REGIONS`. */
export const createOwnCell = (config: OriginConfig): OwnCell => {
  const { name } = ownRegion(config);
  const s3 = createS3Client(config, { name });
  return {
    s3,
    store: createDynamoStore({ client: createDynamoClient({ name }), table: config.table }),
    objects: createS3Store({ client: s3, bucket: config.bucket, now: wallClock }),
    parts: createS3Parts({ client: s3, completer: createCompleter(config, { name }), bucket: config.bucket }),
  };
};
