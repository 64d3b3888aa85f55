import { beforeEach, describe, expect, it } from 'vitest';
import type { RecordStore } from '../store/record-store.ts';
import { grantUpload } from '../testing/subjects.ts';
import { createRecorderWorld, type Handle, tellAll } from './recorder.fixture.ts';

let { store, objects, upload, handlerOver, createdEvent, put, record, finalizeHere } = createRecorderWorld();
let handle: Handle;

beforeEach(() => {
  ({ store, objects, upload, handlerOver, createdEvent, put, record, finalizeHere } = createRecorderWorld());
});

const tell = (...bodies: readonly unknown[]): Promise<string[]> => tellAll(handle, bodies);

describe('the recorder reads the records of a batch at once', () => {
  const others = [grantUpload({ seed: 'two' }), grantUpload({ seed: 'three' })] as const;
  const all = () => [createdEvent(), ...others.map((of) => createdEvent(of))];
  let reads: string[];

  const counting = (getMany: RecordStore['getMany']): RecordStore => ({
    ...store,
    get: (...input) => {
      reads.push('one');
      return store.get(...input);
    },
    getMany: (...input) => {
      reads.push(`many ${input[0].length}`);
      return getMany(...input);
    },
  });

  beforeEach(() => {
    reads = [];
  });

  it('and none again', async () => {
    handle = handlerOver({ store: counting(store.getMany) });
    expect(await tell('{', ...all())).toEqual(['m0']);
    expect(reads).toEqual(['many 3']);
    expect(store.all()).toHaveLength(3);
  });

  it('and one message by itself', async () => {
    handle = handlerOver({ store: counting(store.getMany) });
    expect(await tell(createdEvent())).toEqual([]);
    expect(reads).toEqual(['one']);
  });

  it.each([
    ['that fails', () => Promise.reject(new Error('slow down'))],
    ['that leaves all unanswered', () => Promise.resolve(new Map())],
  ])('or each alone after a read %s', async (_name, getMany) => {
    handle = handlerOver({ store: counting(getMany) });
    expect(await tell(...all())).toEqual([]);
    expect(reads).toEqual(['many 3', 'one', 'one', 'one']);
    expect(store.all()).toHaveLength(3);
  });

  it('and again what was finalized meanwhile', async () => {
    objects.put(upload.subject, upload.head);
    const getMany: RecordStore['getMany'] = async (...input) => {
      const found = await store.getMany(...input);
      await finalizeHere();
      return found;
    };
    handle = handlerOver({ store: counting(getMany) });
    expect(await tell(createdEvent(), put())).toEqual([]);
    expect(reads).toEqual(['many 2', 'one']);
    expect(await record()).toMatchObject({
      state: 'UPLOADED',
      creator: { subject: 'user' },
      pin: { versionId: 'v1' },
    });
  });
});
