import { expect, it } from 'vitest';
import { generatorEnv } from './generator-env.ts';

it.each([
  [1, '1'],
  [2, '1'],
  [3, '1'],
  [8, '4'],
])('leaves the platform half of %i cores', (cores, share) => {
  expect(generatorEnv({ PATH: '/bin' }, true, cores)).toEqual({ PATH: '/bin', GOMAXPROCS: share });
});

it('gives all cores to a load on a gateway elsewhere', () => {
  expect(generatorEnv({ PATH: '/bin' }, false, 8)).toEqual({ PATH: '/bin' });
});

it('keeps what the caller has set', () => {
  expect(generatorEnv({ GOMAXPROCS: '3' }, true, 8)).toEqual({ GOMAXPROCS: '3' });
});
