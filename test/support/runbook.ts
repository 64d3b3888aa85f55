import { readFileSync } from 'node:fs';

/** What people on duty read: whatever rings or is named there must be found in it. */
export const RUNBOOK = readFileSync(new URL('../../docs/runbook.md', import.meta.url), 'utf8');
