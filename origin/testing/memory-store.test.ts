import { describeRecordStore } from '../store/store.suite.ts';
import { createMemoryStore } from './memory-store.ts';

describeRecordStore('memory', async () => ({ store: createMemoryStore(), close: async () => undefined }));
