import { describePartStore } from '../objects/part-store.suite.ts';
import { createMemoryObjects } from './memory-objects.ts';

describePartStore('memory', async () => {
  const objects = createMemoryObjects();
  let started = 0;
  return {
    parts: objects.parts,
    start: async (upload) => {
      started += 1;
      objects.open(upload, `upload-${started}`, Date.now());
      return `upload-${started}`;
    },
    send: async (_upload, uploadId, number, size, content = 'a') => objects.putPart(uploadId, number, size, content),
    version: async ({ subject }) => objects.versions(subject).at(-1) ?? null,
    crcOfByte: 'AAAAAAAAAAA=',
    close: async () => undefined,
  };
});
