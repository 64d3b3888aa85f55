import { createMemoryStore } from '../testing/memory-store.ts';
import { registryStoreSuite } from './registry-store.suite.ts';

registryStoreSuite('the registry store in memory', async () => createMemoryStore());
