import { describe } from 'vitest';
import type { Fault } from '../support/fault-proxy.ts';
import { createSdkStories, succeeded, type Try, upload } from './sdk-story.fixture.ts';
import { meet } from './story.fixture.ts';

const story = createSdkStories();

/** Calls an upload makes at the gateway: create, at times URLs of parts, finalize. */
const CALLS = 3;

/** One or two calls in a row meet the fault, whichever they are. */
const meetSome = ({ cloud, random }: Try, fault: Fault): void => {
  let skip = random.below(CALLS);
  meet(cloud.lines.edge, fault, { fits: () => skip-- <= 0, times: 1 + random.below(2) });
};

const FAULTS: Readonly<Record<string, (one: Try) => Fault>> = {
  'that is late': ({ random }) => ({ kind: 'latency', ms: random.below(200) }),
  'that gets no answer in time, and arrives all the same': () => ({ kind: 'latency', ms: 1_000 }),
  'cut on its way': () => ({ kind: 'cut', afterBytes: 1 }),
  'whose line is reset': () => ({ kind: 'reset' }),
  'whose answer is lost': () => ({ kind: 'drop-answer' }),
  'whose answer is cut': ({ random }) => ({ kind: 'cut-answer', afterBytes: random.below(100) }),
  'that meets a 503 of somebody between': () => ({ kind: 'slow-down' }),
  'delivered twice': () => ({ kind: 'twice' }),
  'delivered again later': ({ random }) => ({ kind: 'late-copy', ms: random.below(300) }),
};

describe('a call to the gateway', () => {
  for (const [name, fault] of Object.entries(FAULTS)) {
    story(name, async (one) => {
      meetSome(one, fault(one));
      return succeeded(await upload(one, one.person.client({ idleTimeoutMs: 700 })));
    });
  }
});
