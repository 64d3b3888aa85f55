import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { lintFolder } from '../../cli/issuers/lint/lint-folder.ts';

const FOLDER = fileURLToPath(new URL('../../issuers/', import.meta.url));

describe('the examples in issuers/', () => {
  const { entries, faults, files } = lintFolder(FOLDER, { allowLoopback: false });

  it('have no fault', () => {
    expect(faults).toEqual([]);
    expect(entries.map(({ id }) => id)).toEqual([
      'example-auth0',
      'example-cognito',
      'example-entra',
      'example-firebase',
      'example-home-made',
      'example-keycloak',
      'example-okta',
    ]);
    expect(files).toBe(entries.length);
  });

  it.each(entries)('$id lets nobody in as it is, and tells its traps', ({ status, note }) => {
    expect(status).toBe('disabled');
    expect(note).toMatch(/Traps: \(1\)/);
  });
});
