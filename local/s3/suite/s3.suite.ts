import type { S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, test } from 'vitest';
import type { SuiteContext } from './context.ts';
import { copyPartSuite } from './copy-part.suite.ts';
import { formSuite } from './form.suite.ts';
import { multipartSuite } from './multipart.suite.ts';
import { multipartChecksumSuite } from './multipart-checksum.suite.ts';
import { objectsSuite } from './objects.suite.ts';
import { presignedPutSuite } from './presigned-put.suite.ts';
import { putObjectSuite } from './put-object.suite.ts';
import { readSuite } from './read.suite.ts';
import { clientOf, type S3Target } from './requests.ts';

/** Where a server is known not to do what AWS documents: the claim has to fail there, one that is a race (`sometimes`) in one of many tries. */
export interface Difference {
  /** What it does, and the AWS document that says otherwise. */
  readonly reason: string;
  readonly sometimes?: true;
}

/** Tries after which a race that a server is said to lose counts as won. */
const RACE_TRIES = 200;

/** Differences by the claim's title. */
export type Differences = Readonly<Record<string, Difference>>;

/** What Amazon S3 does with objects, parts and forms, as far as nearput relies on it. Runs against any server behind `open`. */
export function s3Suite(name: string, open: () => Promise<S3Target>, differences: Differences = {}): void {
  const claim: SuiteContext['claim'] = (title, body) => {
    const difference = differences[title];
    if (!difference) test(title, body);
    else {
      test.fails(`${title}: ${difference.reason}`, async () => {
        for (let tries = difference.sometimes ? RACE_TRIES : 1; tries > 0; tries -= 1) await body();
      });
    }
  };

  describe(name, () => {
    let opened: { readonly target: S3Target; readonly client: S3Client } | undefined;
    const there = () => {
      if (!opened) throw new Error('the server is asked before it was opened');
      return opened;
    };
    beforeAll(async () => {
      const target = await open();
      opened = { target, client: clientOf(target, 'WHEN_SUPPORTED') };
    });
    afterAll(() => opened?.client.destroy());
    const context: SuiteContext = { claim, target: () => there().target, client: () => there().client };
    presignedPutSuite(context);
    putObjectSuite(context);
    readSuite(context);
    multipartSuite(context);
    multipartChecksumSuite(context);
    copyPartSuite(context);
    formSuite(context);
    objectsSuite(context);
  });
}
