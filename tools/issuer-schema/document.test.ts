import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { issuerSchema } from './document.ts';

const written = (): unknown =>
  JSON.parse(readFileSync(new URL('../../issuers/schema/issuer.schema.json', import.meta.url), 'utf8'));

describe('the JSON Schema of an issuer entry', () => {
  it('is what the valibot schema gives; npm run issuer-schema writes it', () => {
    expect(written()).toEqual(JSON.parse(JSON.stringify(issuerSchema())));
  });

  it('says for every member what to write, refuses others, and wants one kind of keys', () => {
    const schema = issuerSchema() as { properties: Record<string, { description: string }> };
    expect(Object.keys(schema.properties)).toContain('audienceClaim');
    for (const { description } of Object.values(schema.properties)) expect(description).toMatch(/^Write .{8,}\.$/);
    expect(schema).toMatchObject({
      additionalProperties: false,
      properties: {
        status: { enum: ['active', 'disabled'] },
        keys: { minProperties: 1, maxProperties: 1, additionalProperties: false },
        limits: { properties: { urlTtlSeconds: { minimum: 60, maximum: 3_600 } } },
      },
    });
  });
});
