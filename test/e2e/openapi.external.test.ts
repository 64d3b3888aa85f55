import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureTool } from '../../tools/external.ts';
import { budgetSeconds, testSeed } from '../support/budget.ts';
import { mint } from '../support/gateway.ts';
import { type Platform, startPlatform } from '../support/platform.ts';

/** Seconds that the fixed cases of every route take before random ones begin. */
const FIXED_SECONDS = 20;

/**
 * What is held against each answer. Left out: that whatever fits the schema is taken (rules between members, and the state of an
 * upload, are no matter of JSON Schema), that DELETE is final (it can be undone), and methods that CloudFront itself refuses.
 */
const CHECKS = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_headers_conformance',
  'response_schema_conformance',
  'negative_data_rejection',
  'missing_required_header',
  'allow_header_conformance',
  'ignored_auth',
].join(',');

let platform: Platform;
let program = '';
const folder = mkdtempSync(join(tmpdir(), 'nearput-openapi-'));
beforeAll(async () => {
  program = await ensureTool('schemathesis');
  platform = await startPlatform();
}, 600_000);
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await platform?.stop();
  platform?.remove();
});

/** Runs it in a folder of its own, where it leaves what it found. */
const run = (args: readonly string[]): Promise<{ readonly code: number | null; readonly output: string }> =>
  new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        output += chunk.toString('utf8');
      });
    }
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, output }));
  });

describe('the OpenAPI document', () => {
  it('says what the gateway does, to whatever requests can be made from it', async () => {
    const token = await mint(platform, { sub: 'openapi', expiresIn: 86_400 });
    const { code, output } = await run([
      'run',
      `${platform.edge}/v1/openapi.json`,
      ...['--header', `Authorization: Bearer ${token}`],
      ...['--checks', CHECKS],
      ...['--max-time', String(Math.ceil(FIXED_SECONDS + budgetSeconds()))],
      ...['--seed', String(testSeed('requests made from the OpenAPI document'))],
      ...['--max-redirects', '0'],
      ...['--request-timeout', '10'],
    ]);
    expect(code, output).toBe(0);
  });
});
