import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { leaksIn } from './leaks.ts';

const SECRET = 'QQY1DAQz65kBTfKzZRMmHxmjdwLWrZY2EiKjSHxz';
let data = '';
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'nearput-leaks-'));
  mkdirSync(join(data, 'logs', 'more'), { recursive: true });
  const state = { admin: { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: SECRET }, ports: [1, null] };
  writeFileSync(join(data, 'state.json'), JSON.stringify(state));
  writeFileSync(join(data, 'logs', 'gate.log'), '{"requestId":"a","kid":"k1","tokenClass":"accepted"}\n');
});
afterEach(() => rmSync(data, { recursive: true, force: true }));

describe('the logs of a platform', () => {
  it('that hold nothing they may not pass', () => {
    expect(leaksIn(data)).toEqual([]);
  });

  it.each([
    ['a token', 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ1c2VyIn0.c2lnbmF0dXJlLW9mLXNvbWVib2R5'],
    ['a signed query', 'GET /bucket/key?x-amz-credential=AKIA'],
    ['a signature', 'AWS4-HMAC-SHA256 Signature=95b6f6b74fcbea38c00540f58bf051ca'],
    ['a bearer header', 'authorization: Bearer opaque-but-long'],
    ['a private key', '{"kty":"OKP","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZ"}'],
    ['a secret of the platform', `signed with ${SECRET}`],
  ])('that hold %s are named, without repeating it', (what, line) => {
    writeFileSync(join(data, 'logs', 'more', 'api.log'), `one line\n${line}\n`);
    expect(leaksIn(data)).toEqual([`${what} in more/api.log`]);
  });

  it('of a platform that never came so far are none', () => {
    rmSync(join(data, 'logs'), { recursive: true });
    expect(leaksIn(data)).toEqual([]);
  });
});
