import type { S3Client } from '@aws-sdk/client-s3';
import type { OriginConfig } from '../../core/config/origin.ts';
import { createRegistrySource, type RegistrySource } from '../../core/identity/registry-source.ts';
import { regionOrder } from './clients.ts';
import { wallClock } from './clocks.ts';
import { createFetchRegistry } from './fetch-registry.ts';

/** The issuer registry as this Region reads it: its own copy first, then the others'. */
export const createOriginRegistry = (config: OriginConfig, s3: S3Client): RegistrySource =>
  createRegistrySource({
    fetchDocument: createFetchRegistry({ config, own: s3 }),
    regions: regionOrder(config),
    now: wallClock,
  });
