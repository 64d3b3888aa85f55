import fc from 'fast-check';
import { chosenSeed } from './budget.ts';

/** Loaded before every test file: with `NEARPUT_TEST_SEED`, every property runs from that seed. Without it fast-check prints its own on a failure. */
const seed = chosenSeed();
if (seed !== undefined) fc.configureGlobal({ ...fc.readConfigureGlobal(), seed });
