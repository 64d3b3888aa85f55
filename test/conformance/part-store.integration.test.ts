import { describePartStore } from '../../origin/objects/part-store.suite.ts';
import { localS3AsJudge } from './judge.fixture.ts';
import { openParts } from './part-store.fixture.ts';

describePartStore('the local S3', () => openParts(localS3AsJudge));
