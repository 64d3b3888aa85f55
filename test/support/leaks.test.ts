import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { leaksIn } from './leaks.ts';

const ROLE_SECRET = 'q8dfJc0S1qyaJ8vDgMaeRZkM6n5hpQkL5t1d0yTz0oE=';
/** The secret key of the first session of the gate, by HKDF of another make. */
const SESSION_SECRET = 'Pm1FE1txHeakfI89X5uIfUtFSm9db+A2BQEqgIzo';
const SECRET = 'QQY1DAQz65kBTfKzZRMmHxmjdwLWrZY2EiKjSHxz';
let data = '';
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'nearput-leaks-'));
  mkdirSync(join(data, 'logs', 'more'), { recursive: true });
  const state = {
    admin: { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: SECRET },
    ports: [1, null],
    roleSecrets: { gate: ROLE_SECRET },
    sessionsSince: Date.now() - 60_000,
  };
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
    ['a session token', 'x-amz-security-token: IQoJb3JpZ2luX2VjQUJD'],
    ['a secret of the platform', `signed with ${SECRET}`],
    ['a secret of the platform', `derived from ${ROLE_SECRET}`],
    ['a secret of the platform', `signed with ${SESSION_SECRET}`],
  ])('that hold %s are named, without repeating it', (what, line) => {
    writeFileSync(join(data, 'logs', 'more', 'api.log'), `one line\n${line}\n`);
    expect(leaksIn(data)).toEqual([`${what} in more/api.log`]);
  });

  it('of a platform that never came so far are none', () => {
    rmSync(join(data, 'logs'), { recursive: true });
    expect(leaksIn(data)).toEqual([]);
  });
});
