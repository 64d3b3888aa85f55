import { parseOriginEnv } from '../core/config/origin.ts';
import { REQUEST_BUDGET_MS } from '../core/contract/limits.ts';
import { type AuthorizerAnswer, type AuthorizerEvent, createAuthorize } from './authorizer/authorize.ts';
import { createS3Client, ownRegion } from './aws/clients.ts';
import { wallClock } from './aws/clocks.ts';
import { createOriginRegistry } from './aws/origin-registry.ts';

const config = parseOriginEnv(process.env);
const registry = createOriginRegistry(config, createS3Client(config, { name: ownRegion(config).name }));
await registry.warm();
const authorize = createAuthorize({
  registry,
  now: wallClock,
  permission: 'documents:create',
  budgetMs: REQUEST_BUDGET_MS,
});

/** A REST API's REQUEST authorizer events in, its policies out. */
export const handler = (event: AuthorizerEvent): Promise<AuthorizerAnswer> => authorize(event);
