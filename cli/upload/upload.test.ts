import { describe, expect, it } from 'vitest';
import { createMemoryStore } from '../../client/state/memory-store.ts';
import { formatNumbers } from '../commands/parts.ts';
import { UsageError } from '../exit.ts';
import { stateFolder } from '../state-folder.ts';
import { createInOrder } from './in-order.ts';
import { parseSize } from './parse-size.ts';
import { tolerant } from './tolerant-store.ts';
import { readWishes } from './wishes.ts';

const MIB = 1_048_576;

describe('sizes', () => {
  it.each([
    ['0', 0],
    ['1048576', MIB],
    ['16MiB', 16 * MIB],
    ['16 mib', 16 * MIB],
    ['5g', 5 * 1_024 * MIB],
    ['2TiB', 2_199_023_255_552],
  ])('%j is %i bytes', (text, bytes) => expect(parseSize(text)).toBe(bytes));

  it.each(['', 'MiB', '-1', '1.5GiB', '16MB', '1e3', '99999999TiB'])('%j is none', (text) =>
    expect(parseSize(text)).toBeUndefined(),
  );
});

describe('numbers of parts', () => {
  it.each([
    [[], ''],
    [[3], '3'],
    [[1, 2], '1–2'],
    [[3, 7, 8, 9, 12], '3, 7–9, 12'],
  ])('%j read %j', (numbers, text) => expect(formatNumbers(numbers)).toBe(text));
});

describe('the state folder', () => {
  it.each<[Record<string, string>, NodeJS.Platform, string]>([
    [{ NEARPUT_STATE: '/mine', HOME: '/home/u' }, 'linux', '/mine'],
    [{ HOME: '/home/u' }, 'linux', '/home/u/.local/state/nearput/uploads'],
    [{ HOME: '/home/u', XDG_STATE_HOME: '/var/u' }, 'linux', '/var/u/nearput/uploads'],
    [{ HOME: '/home/u', XDG_STATE_HOME: 'relative' }, 'linux', '/home/u/.local/state/nearput/uploads'],
    [{ HOME: '/Users/u' }, 'darwin', '/Users/u/Library/Application Support/nearput/uploads'],
  ])('of %j on %s is %s', (env, platform, folder) => expect(stateFolder(env, platform)).toBe(folder));
});

describe('wishes by size', () => {
  const small = 64 * MIB;
  const large = small + 1;

  it('hash a whole file that goes in one request, and each part of one that does not', () => {
    const wishes = readWishes({ sha256: true });
    expect(wishes(small)).toEqual({ hashWhole: true });
    expect(wishes(large)).toEqual({ hashWhole: false, partChecksum: 'sha256' });
  });

  it('give a part size only to files that have parts', () => {
    const wishes = readWishes({ partSize: '16MiB' });
    expect(wishes(small)).toEqual({ hashWhole: false });
    expect(wishes(large)).toEqual({ hashWhole: false, partSize: 16 * MIB });
  });

  it('follow the method that was told', () => {
    expect(readWishes({ method: 'put', sha256: true })(large)).toEqual({ hashWhole: true, method: 'put' });
    expect(readWishes({ method: 'multipart', sha256: true })(0)).toEqual({
      hashWhole: false,
      method: 'multipart',
      partChecksum: 'sha256',
    });
  });

  it.each([{ partSize: '4MiB' }, { partSize: '6GiB' }, { partSize: '5242881' }, { method: 'PUT' }])(
    'refuse %j',
    (flags) => expect(() => readWishes(flags)).toThrow(UsageError),
  );
});

describe('in order', () => {
  it('tells what ended early only when all before it have ended', () => {
    const told: number[] = [];
    const order = createInOrder();
    const [first, second, third] = [order.place(), order.place(), order.place()];
    third?.(() => told.push(3));
    second?.(() => told.push(2));
    expect(told).toEqual([]);
    first?.(() => told.push(1));
    expect(told).toEqual([1, 2, 3]);
  });
});

describe('a tolerant store', () => {
  it('tells of the first trouble and then leaves the broken store alone', async () => {
    const told: unknown[] = [];
    let calls = 0;
    const fail = async () => {
      calls++;
      throw new Error('full');
    };
    const store = tolerant({ ...createMemoryStore(), begin: fail, addPart: fail }, (error) => told.push(error));
    const part = { number: 1, crc64nvme: null, sha256: null };
    await store.addPart('k', part);
    await store.addPart('k', part);
    expect(await store.load('k')).toBeUndefined();
    expect({ told, calls }).toEqual({ told: [new Error('full')], calls: 1 });
  });
});
