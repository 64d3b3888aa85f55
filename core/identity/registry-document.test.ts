import { describe, expect, it } from 'vitest';
import { createRegistryDocument, type FetchedDocument } from './registry-document.ts';

/** A document whose every GET waits until the test answers it, under a clock that the test sets. */
const start = (options: { versionIsGlobal: boolean; regions?: readonly string[] } = { versionIsGlobal: true }) => {
  const open: ((answer: FetchedDocument | Error) => void)[] = [];
  const asked: (readonly [string, string | null])[] = [];
  let nowMs = 0;
  const document = createRegistryDocument<{ version: number }>({
    name: 'policy',
    versionIsGlobal: options.versionIsGlobal,
    now: () => nowMs,
    parse: (body) => ({ version: Number(body) }),
    fetchDocument: (region, _, etag) => {
      asked.push([region, etag]);
      return new Promise((resolve, reject) => {
        open.push((answer) => (answer instanceof Error ? reject(answer) : resolve(answer)));
      });
    },
  });
  const refreshAt = (timeMs: number): Promise<string> => {
    nowMs = timeMs;
    return document.refresh(5_000, options.regions ?? ['euw1']).then(
      () => 'done',
      (error: unknown) => String(error),
    );
  };
  const answer = (index: number, with_: FetchedDocument | Error): void => open[index]?.(with_);
  return { document, refreshAt, answer, asked };
};

const ok = (version: number, etag = `e${version}`): FetchedDocument => ({ status: 'ok', body: String(version), etag });
const unchanged: FetchedDocument = { status: 'unchanged' };

describe('a registry document', () => {
  it('is asked for by its ETag once it is held', async () => {
    const { refreshAt, answer, asked } = start();
    const first = refreshAt(1_000);
    answer(0, ok(1));
    await first;
    const second = refreshAt(2_000);
    answer(1, unchanged);
    expect(await second).toBe('done');
    expect(asked).toEqual([
      ['euw1', null],
      ['euw1', 'e1'],
    ]);
  });

  it.each([
    ['a document', ok(1, 'other')],
    ['unchanged', unchanged],
  ])('is not aged by an answer of %s that a later one has overtaken', async (_, late) => {
    const { document, refreshAt, answer } = start();
    const first = refreshAt(1_000);
    answer(0, ok(1));
    await first;
    const slow = refreshAt(2_000);
    const quick = refreshAt(3_000);
    answer(2, unchanged);
    await quick;
    answer(1, late);
    await slow;
    expect(document.held()).toMatchObject({ etag: 'e1', confirmedAtMs: 3_000 });
  });

  it('is not confirmed by an unchanged that speaks of a version it no longer holds', async () => {
    const { document, refreshAt, answer } = start();
    const first = refreshAt(1_000);
    answer(0, ok(1));
    await first;
    const early = refreshAt(2_000);
    const late = refreshAt(3_000);
    answer(1, ok(2));
    await early;
    answer(2, unchanged);
    await late;
    expect(document.held()).toMatchObject({ document: { version: 2 }, confirmedAtMs: 2_000 });
  });

  it('fails on an unchanged that nobody asked for', async () => {
    const { refreshAt, answer } = start();
    const only = refreshAt(1_000);
    answer(0, unchanged);
    expect(await only).toContain('nothing is held');
  });

  it.each([true, false])('never goes back within a Region (one count for all Regions: %s)', async (versionIsGlobal) => {
    const { document, refreshAt, answer } = start({ versionIsGlobal });
    const first = refreshAt(1_000);
    answer(0, ok(5));
    await first;
    const second = refreshAt(2_000);
    answer(1, ok(4));
    expect(await second).toContain('older');
    expect(document.held()).toMatchObject({ document: { version: 5 }, confirmedAtMs: 1_000 });
  });
});
