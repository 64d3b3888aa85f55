import { afterAll, beforeAll } from 'vitest';
import { grantedFormSuite } from './granted-form.suite.ts';
import { grantedPartsSuite } from './granted-parts.suite.ts';
import { type Judge, localS3AsJudge } from './judge.fixture.ts';

let judge: Judge;
beforeAll(async () => {
  judge = await localS3AsJudge();
});
afterAll(() => judge?.stop());

grantedFormSuite('the local S3', () => judge);
grantedPartsSuite('the local S3', () => judge);
