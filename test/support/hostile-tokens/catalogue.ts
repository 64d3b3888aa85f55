import { AUDIENCE, CLAIMS } from './claims.ts';
import { FORM } from './form.ts';
import { HEADER } from './header.ts';
import { KEY_SETS } from './key-sets.ts';
import { REVOCATION } from './revocation.ts';
import { TIME } from './time.ts';
import { TRUST } from './trust.ts';
import type { TokenFamily } from './types.ts';

/** Every hostile token, each with one thing changed in a good one, and good twins for every family. */
export const CATALOGUE: readonly TokenFamily[] = [FORM, HEADER, TRUST, KEY_SETS, TIME, AUDIENCE, CLAIMS, REVOCATION];
