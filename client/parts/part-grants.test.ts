import { describe, expect, it } from 'vitest';
import { ContentError } from '../errors.ts';
import { createPartGrants } from './part-grants.ts';

const grant = (number: number, url = '') => ({ number, size: 1, url, headers: {}, expiresAt: '' });

/** Grants over `count` parts; `asked` are the pages, `done` the parts that are stored. */
const setup = (
  count: number,
  options: { pageSize?: number; ahead?: number; sign?: (numbers: readonly number[]) => readonly number[] } = {},
) => {
  const asked: number[][] = [];
  const done = new Set<number>();
  const grants = createPartGrants({
    first: [],
    missing: () => Array.from({ length: count }, (_, index) => index + 1).filter((number) => !done.has(number)),
    sign: async (numbers) => {
      asked.push([...numbers]);
      return (options.sign?.(numbers) ?? numbers).map((number) => grant(number, `page ${asked.length}`));
    },
    pageSize: options.pageSize ?? 3,
    ahead: options.ahead ?? 0,
  });
  return { grants, asked, done };
};
const settle = () => new Promise((resolve) => setTimeout(resolve));

describe('grants of parts', () => {
  it('are asked for once, however many take from a page at the same time', async () => {
    const { grants, asked } = setup(3);
    await Promise.all([1, 2, 3].map((number) => grants.take(number)));
    expect(asked).toEqual([[1, 2, 3]]);
  });

  it('come ahead of need, and what is on its way is not signed again', async () => {
    const { grants, asked } = setup(9, { ahead: 2 });
    await grants.take(1);
    await settle();
    expect(asked).toEqual([[1, 2, 3]]);
    await grants.take(2);
    await settle();
    expect(asked).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ]);
  });

  it('that failed ahead of need are asked for again when they are needed', async () => {
    let fail = false;
    const { grants, asked } = setup(6, {
      ahead: 2,
      sign: (numbers) => {
        if (fail) throw new Error('no line');
        return numbers;
      },
    });
    await grants.take(1);
    fail = true;
    await grants.take(2);
    await settle();
    await expect(grants.take(4)).rejects.toThrow('no line');
    fail = false;
    await expect(grants.take(4)).resolves.toMatchObject({ number: 4 });
    expect(asked).toEqual([
      [1, 2, 3],
      [4, 5, 6],
      [4, 5, 6],
      [4, 5, 6],
    ]);
  });

  it('that expired go with all of the same page and before, once', async () => {
    const { grants, asked, done } = setup(6);
    const old = await grants.take(1);
    await grants.take(4);
    grants.forget(2);
    done.add(2);
    grants.expire(old);
    grants.expire(old);
    await grants.take(1);
    grants.expire(old);
    await grants.take(3);
    expect(asked).toEqual([
      [1, 2, 3],
      [4, 5, 6],
      [1, 3],
    ]);
  });

  it('that do not cover the part asked for are an error, not an endless loop', async () => {
    const { grants } = setup(3, { sign: () => [7] });
    await expect(grants.take(1)).rejects.toBeInstanceOf(ContentError);
  });
});
