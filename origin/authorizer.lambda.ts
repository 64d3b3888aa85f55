import { parseOriginEnv } from '../core/config/origin.ts';
import { REQUEST_BUDGET_MS } from '../core/contract/limits.ts';
import { type AuthorizerAnswer, type AuthorizerEvent, createAuthorize } from './authorizer/authorize.ts';
import { createS3Client, ownRegion } from './aws/clients.ts';
import { wallClock } from './aws/clocks.ts';
import { createOriginRegistry } from './aws/origin-registry.ts';
import { createPowertools } from './telemetry/powertools.ts';

const config = parseOriginEnv(process.env);
const registry = createOriginRegistry(config, createS3Client(config, { name: ownRegion(config).name }));
await registry.warm();
const telemetry = createPowertools('authorizer');
const authorize = createAuthorize({
  registry,
  now: wallClock,
  permission: 'documents:create',
  budgetMs: REQUEST_BUDGET_MS,
  telemetry,
});

/** A REST API's REQUEST authorizer events in, its policies out. */
export const handler = async (event: AuthorizerEvent): Promise<AuthorizerAnswer> => {
  try {
    return await authorize(event);
  } finally {
    telemetry.publish();
  }
};
