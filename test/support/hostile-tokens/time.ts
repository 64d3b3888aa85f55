import { refusedWith, type TokenFamily } from './types.ts';

const invalid = refusedWith('claims_invalid');
const expired = refusedWith('token_expired');
const early = refusedWith('token_not_yet_valid');
const old = refusedWith('token_too_old');

/**
 * The entry allows 10 s of clock skew and tokens of up to 3,600 s; the good token is 60 s old and lives 3,600 s. Seconds near a bound are
 * left to tests that hold the clock still: these tokens travel.
 */
export const TIME: TokenFamily = {
  family: 'time',
  twins: [
    { name: 'ended within the skew', change: { claims: (now) => ({ exp: now - 1 }) } },
    { name: 'issued as far ahead as the skew', change: { claims: (now) => ({ iat: now + 10, exp: now + 3_610 }) } },
    { name: 'not before as far ahead as the skew', change: { claims: (now) => ({ nbf: now + 10 }) } },
    { name: 'not before long ago', change: { claims: { nbf: 0 } } },
    { name: 'fractions of seconds', change: { claims: (now) => ({ iat: now - 0.5, exp: now + 60.5 }) } },
  ],
  hostile: [
    ...['exp', 'iat'].flatMap((name) => [
      invalid(`no ${name}`, `${name}_invalid`, { claims: { [name]: undefined } }),
      invalid(`${name} null`, `${name}_invalid`, { claims: { [name]: null } }),
      invalid(`${name} as text`, `${name}_invalid`, { claims: (now) => ({ [name]: String(now) }) }),
      invalid(`${name} negative`, `${name}_invalid`, { claims: { [name]: -1 } }),
      invalid(`${name} in a list`, `${name}_invalid`, { claims: (now) => ({ [name]: [now] }) }),
      invalid(`${name} infinite`, `${name}_invalid`, {
        rawClaims: (good) => good.replace(new RegExp(`"${name}":\\d+`), `"${name}":1e999`),
      }),
    ]),
    invalid('exp beyond the year 9999', 'exp_invalid', { claims: { exp: 253_402_300_800 } }),
    invalid('nbf null', 'nbf_invalid', { claims: { nbf: null } }),
    invalid('nbf as text', 'nbf_invalid', { claims: { nbf: '0' } }),
    expired('expired, skew used up', 'expired', { claims: (now) => ({ exp: now - 10 }) }),
    expired('expired long ago', 'expired', { claims: (now) => ({ iat: now - 7_200, exp: now - 3_600 }) }),
    expired('ended before it began, within the skew', 'ends_before_it_was_issued', {
      claims: (now) => ({ iat: now, exp: now - 1 }),
    }),
    expired('ended as it began', 'ends_before_it_was_issued', { claims: (now) => ({ iat: now, exp: now }) }),
    early('not before beyond the skew', 'before_nbf', { claims: (now) => ({ nbf: now + 60 }) }),
    early('issued in the future', 'iat_in_future', { claims: (now) => ({ iat: now + 60 }) }),
    old('a second too long a life', 'life_above_maximum', { claims: (now) => ({ exp: now + 3_541 }) }),
    old('a life of years', 'life_above_maximum', { claims: (now) => ({ exp: now + 100_000_000 }) }),
    old('issued in 1970', 'life_above_maximum', { claims: { iat: 0 } }),
  ],
};
