import { describe, expect, it } from 'vitest';
import { s3Endpoint } from '../../core/objects/s3-endpoint.ts';
import { type FilledForm, FORM_LIES, SESSION_FORM_LIES } from '../support/form-lies.ts';
import { formFor } from './granted-form.fixture.ts';

const FORM: FilledForm = {
  ...formFor({
    endpoint: s3Endpoint({ bucket: 'uploads', region: 'eu-west-1' }),
    bucket: 'uploads',
    region: 'eu-west-1',
    credentials: { accessKeyId: 'ASIAEXAMPLE', secretAccessKey: 'secret', sessionToken: 'session' },
    now: Date.UTC(2026, 10, 21),
    size: 4,
    sha256: 'ab'.repeat(32),
  }),
  file: Buffer.from('four'),
};
const TOLD = [...FORM_LIES, ...SESSION_FORM_LIES].map(([, , tell]) => tell(FORM));

describe('the lies about forms', () => {
  it.each(Object.keys(FORM.fields))('leave the field %s out, and give it another value', (name) => {
    const given = TOLD.filter(({ fields }) => fields[name] !== FORM.fields[name]).map(({ fields }) => fields[name]);
    expect(given).toContain(undefined);
    expect(given.some((value) => value !== undefined)).toBe(true);
  });

  it('change one thing each', () => {
    for (const { url, fields, file } of TOLD) {
      const names = new Set([...Object.keys(fields), ...Object.keys(FORM.fields)]);
      const changed = [...names].filter((name) => fields[name] !== FORM.fields[name]);
      expect([...changed, ...(file.equals(FORM.file) ? [] : ['file'])]).toHaveLength(1);
      expect(url).toBe(FORM.url);
    }
  });
});
