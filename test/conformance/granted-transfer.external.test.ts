import { afterAll, beforeAll } from 'vitest';
import { grantedFormSuite } from './granted-form.suite.ts';
import { grantedPartsSuite } from './granted-parts.suite.ts';
import { type Judge, versitygwAsJudge } from './judge.fixture.ts';

let judge: Judge;
beforeAll(async () => {
  judge = await versitygwAsJudge();
});
afterAll(() => judge?.stop());

const UNKNOWN_KEY = { 'another key id': 'XAdminUserNotFound' };
grantedFormSuite('versitygw', () => judge, UNKNOWN_KEY);
// It looks at the query before the signature.
grantedPartsSuite('versitygw', () => judge, { ...UNKNOWN_KEY, 'no upload id': 'InvalidArgument' });
