import { describe, expect, it } from 'vitest';
import { contentDisposition } from './content-disposition.ts';

const attachment = (name: string): string => contentDisposition({ name, type: 'image/png', inline: false });

describe('Content-Disposition (RFC 6266)', () => {
  it.each([
    ['photo.png', 'attachment; filename="photo.png"'],
    ['two words.txt', 'attachment; filename="two words.txt"'],
    ['naïve.txt', 'attachment; filename="naive.txt"; filename*=UTF-8\'\'na%C3%AFve.txt'],
    ['€ rates', 'attachment; filename="_ rates"; filename*=UTF-8\'\'%E2%82%AC%20rates'],
    ['日本.pdf', 'attachment; filename="__.pdf"; filename*=UTF-8\'\'%E6%97%A5%E6%9C%AC.pdf'],
    ['a"b\\c.txt', 'attachment; filename="a_b_c.txt"; filename*=UTF-8\'\'a%22b%5Cc.txt'],
    ['a%41.txt', 'attachment; filename="a_41.txt"; filename*=UTF-8\'\'a%2541.txt'],
    ['../etc/passwd', 'attachment; filename=".._etc_passwd"; filename*=UTF-8\'\'..%2Fetc%2Fpasswd'],
    ["it's (1)*.txt", 'attachment; filename="it\'s (1)*.txt"'],
    ["é'()*", "attachment; filename=\"e'()*\"; filename*=UTF-8''%C3%A9%27%28%29%2A"],
    ['a\r\nSet-Cookie: x', 'attachment; filename="a__Set-Cookie: x"; filename*=UTF-8\'\'a%0D%0ASet-Cookie%3A%20x'],
    ['😀', 'attachment; filename="download"; filename*=UTF-8\'\'%F0%9F%98%80'],
    ['\u0301', 'attachment; filename="download"; filename*=UTF-8\'\'%CC%81'],
    [' ', 'attachment; filename="download"; filename*=UTF-8\'\'%20'],
    ['..', 'attachment; filename="download"; filename*=UTF-8\'\'..'],
  ])('of %j is %s', (name, expected) => {
    expect(attachment(name)).toBe(expected);
  });

  it('is printable ASCII for every name', () => {
    for (let code = 0; code < 0x250; code += 1) {
      expect(attachment(`x${String.fromCharCode(code)}`)).toMatch(/^[\x20-\x7e]+$/);
    }
  });
});
