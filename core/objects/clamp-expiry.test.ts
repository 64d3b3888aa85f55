import { describe, expect, it } from 'vitest';
import { clampExpiry } from './clamp-expiry.ts';

const NOW = Date.UTC(2026, 10, 21, 12, 0, 0, 900);
const LIMITS = { min: 60, max: 3_600 };
const clamp = (expiresIn: number, end?: number) => clampExpiry({ now: NOW, expiresIn, limits: LIMITS, end });

describe('clampExpiry', () => {
  it('counts from the second of signing, as S3 does', () => {
    expect(clamp(900)).toEqual({ seconds: 900, at: '2026-11-21T12:15:00.000Z' });
  });

  it('ends with the credentials when they end first', () => {
    expect(clamp(900, Date.UTC(2026, 10, 21, 12, 0, 30, 999))).toEqual({ seconds: 30, at: '2026-11-21T12:00:30.000Z' });
  });

  it('is as wanted when the credentials last longer', () => {
    expect(clamp(900, Date.UTC(2026, 10, 21, 13))).toEqual({ seconds: 900, at: '2026-11-21T12:15:00.000Z' });
  });

  it.each([NOW, NOW - 60_000, Date.UTC(2026, 10, 21, 12, 0, 0, 950), Number.NaN])(
    'refuses credentials that end at %s',
    (end) => {
      expect(() => clamp(900, end)).toThrow(/have come to their end/);
    },
  );

  it.each([0, -5, 1.5, 59, 3_601, Number.NaN])('refuses the expiry %s', (expiresIn) => {
    expect(() => clamp(expiresIn)).toThrow(/whole number of seconds from 60 to 3600/);
  });
});
