import { describe, expect } from 'vitest';
import type { Fault } from '../support/fault-proxy.ts';
import { createSdkStories, isInParts, succeeded, type Try, upload } from './sdk-story.fixture.ts';
import { meet } from './story.fixture.ts';

const story = createSdkStories();

/** Bytes of a part that is not the last. */
const PART = 5_242_880;

/** One request to S3 meets the fault: the first or, where there are two parts, one of them. */
const meetOne = ({ cloud, random, content }: Try, fault: Fault): void => {
  let skip = content.length > PART ? random.below(2) : 0;
  meet(cloud.lines.euw1, fault, { fits: () => skip-- <= 0 });
};

/** Faults that an upload survives, made anew for each seed. */
const SURVIVED: Readonly<Record<string, (one: Try) => Fault>> = {
  'that is late': ({ random }) => ({ kind: 'latency', ms: random.below(200) }),
  'that gets no answer in time, and arrives all the same': () => ({ kind: 'latency', ms: 700 }),
  'over a thin line': ({ content }) => ({ kind: 'bandwidth', bytesPerSecond: content.length * 5 }),
  'cut on its way': ({ random, content }) => ({ kind: 'cut', afterBytes: random.below(content.length) }),
  'whose line is reset': () => ({ kind: 'reset' }),
  'whose answer is lost': () => ({ kind: 'drop-answer' }),
  'whose answer is cut': ({ random }) => ({ kind: 'cut-answer', afterBytes: random.below(10) }),
  'that meets SlowDown': () => ({ kind: 'slow-down' }),
  'delivered twice': () => ({ kind: 'twice' }),
  'delivered again later': ({ random }) => ({ kind: 'late-copy', ms: random.below(200) }),
  'answered 200 with an error after it was stored': () => ({ kind: 'error-in-200', acts: true }),
  'whose URL has expired': ({ way }) => ({
    kind: 'refuse',
    status: 403,
    code: 'AccessDenied',
    message: way === 'form' ? 'Invalid according to Policy: Policy expired.' : 'Request has expired',
  }),
  'signed by credentials that have ended': () => ({
    kind: 'refuse',
    status: 400,
    code: 'ExpiredToken',
    message: 'The provided token has expired.',
  }),
};

describe('one request to S3', () => {
  for (const [name, fault] of Object.entries(SURVIVED)) {
    story(name, async (one) => {
      meetOne(one, fault(one));
      return succeeded(await upload(one, one.person.client({ idleTimeoutMs: 500 })));
    });
  }

  story('with a bit flipped is sent again; without any hash of its own it is refused at the end', async (one) => {
    const { cloud, content, random, way } = one;
    // In a form the fields come first, and a line of less than 100 bytes last.
    const fromEnd = way === 'form' ? 100 + random.below(content.length - 100) : 1 + random.below(200);
    meet(cloud.lines.euw1, { kind: 'flip-bit', byte: -fromEnd });
    const outcome = await upload(one);
    if (isInParts(way) || 'sha256' in one.options) return succeeded(outcome);
    expect(outcome.error).toMatchObject({ code: 'content_mismatch' });
    return outcome;
  });

  story('answered 200 with an error and not stored is never success', async (one) => {
    meetOne(one, { kind: 'error-in-200', acts: false });
    const outcome = await upload(one);
    if (isInParts(one.way)) return succeeded(outcome);
    expect(outcome.error).toMatchObject({ code: 'bytes_missing' });
    return outcome;
  });
});

describe('a Region', () => {
  story('whose S3 does not answer is left for the next, and nothing stays behind', async (one) => {
    one.cloud.lines.euw1.rule = () => ({ kind: 'reset' });
    const outcome = succeeded(await upload(one));
    expect(outcome.record?.region).toBe('use1');
    return outcome;
  });

  story('whose S3 stores everything and says nothing is left only without the bytes', async (one) => {
    one.cloud.lines.euw1.rule = () => ({ kind: 'drop-answer' });
    const outcome = succeeded(await upload(one));
    expect(outcome.record?.region).toBe(isInParts(one.way) ? 'use1' : 'euw1');
    return outcome;
  });

  story('whose S3 asks for less is not left', async (one) => {
    meet(one.cloud.lines.euw1, { kind: 'slow-down' }, { times: 3 });
    const outcome = succeeded(await upload(one));
    expect(outcome.record?.region).toBe('euw1');
    return outcome;
  });
});
