import { describe, expect, it } from 'vitest';
import { createSigningKeys, deriveSigningKey, signature } from './signing-key.ts';

const CREDENTIALS = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
} as const;

describe('deriveSigningKey', () => {
  // AWS General Reference, "Examples of how to derive a signing key for Signature Version 4".
  it('gives the published key', () => {
    expect(
      deriveSigningKey('wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY', '20120215', 'us-east-1', 'iam').toString('hex'),
    ).toBe('f4780e2d9f65fa895f9c67b32ce1baf0b0d8a43505a000a1a9e090d414db404d');
  });
});

describe('createSigningKeys', () => {
  const base = [CREDENTIALS, '20130524', 'us-east-1', 's3'] as const;

  it('derives a key once', () => {
    const keys = createSigningKeys();
    expect(keys(...base)).toBe(keys({ ...CREDENTIALS, sessionToken: 'other' }, '20130524', 'us-east-1', 's3'));
  });

  it.each([
    ['access key id', [{ ...CREDENTIALS, accessKeyId: 'AKIDOTHER' }, '20130524', 'us-east-1', 's3']],
    ['secret', [{ ...CREDENTIALS, secretAccessKey: 'other' }, '20130524', 'us-east-1', 's3']],
    ['day', [CREDENTIALS, '20130525', 'us-east-1', 's3']],
    ['Region', [CREDENTIALS, '20130524', 'eu-west-1', 's3']],
    ['service', [CREDENTIALS, '20130524', 'us-east-1', 'sqs']],
  ] as const)('has a key of its own for another %s', (_, other) => {
    const keys = createSigningKeys();
    const [credentials, day, region, service] = other;
    expect(keys(...base)).not.toBe(keys(credentials, day, region, service));
  });

  it('never signs with the old secret after a secret changed under the same id, nor with the new one for the old', () => {
    const keys = createSigningKeys();
    const sign = (secretAccessKey: string) =>
      signature(keys({ ...CREDENTIALS, secretAccessKey }, '20130524', 'us-east-1', 's3'), 'text');
    const [first, second] = [sign('one'), sign('two')];
    expect(first).not.toBe(second);
    expect([sign('one'), sign('two')]).toEqual([first, second]);
  });

  it('keeps no more keys than it may, the newest ones', () => {
    const keys = createSigningKeys(2);
    const at = (day: string) => keys(CREDENTIALS, day, 'us-east-1', 's3');
    const [first, second] = [at('20130524'), at('20130525')];
    const third = at('20130526');
    expect(at('20130526')).toBe(third);
    expect(at('20130525')).toBe(second);
    expect(at('20130524')).not.toBe(first);
  });

  it.each([
    ['id', { ...CREDENTIALS, accessKeyId: '' }],
    ['secret', { ...CREDENTIALS, secretAccessKey: '' }],
  ])('refuses credentials without %s', (_, credentials) => {
    expect(() => createSigningKeys()(credentials, '20130524', 'us-east-1', 's3')).toThrow(TypeError);
  });
});
