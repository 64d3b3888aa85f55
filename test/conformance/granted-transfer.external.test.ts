import { afterAll, beforeAll } from 'vitest';
import { grantedFormSuite } from './granted-form.suite.ts';
import { grantedPartsSuite } from './granted-parts.suite.ts';
import { type Judge, versitygwAsJudge } from './judge.fixture.ts';

let judge: Judge;
beforeAll(async () => {
  judge = await versitygwAsJudge();
});
afterAll(() => judge?.stop());

grantedFormSuite('versitygw', () => judge, { 'another key id': 'XAdminUserNotFound' });
// It looks at the query before the signature.
grantedPartsSuite('versitygw', () => judge, { 'no upload id': 'InvalidArgument' });
