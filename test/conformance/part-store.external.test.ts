import { describePartStore } from '../../origin/objects/part-store.suite.ts';
import { versitygwAsJudge } from './judge.fixture.ts';
import { openParts } from './part-store.fixture.ts';

describePartStore('versitygw', () => openParts(versitygwAsJudge));
