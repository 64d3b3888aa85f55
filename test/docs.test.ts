import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { PROBLEMS, type ProblemCode } from '../core/contract/problems.ts';
import { openapiDocument } from '../tools/openapi/document.ts';
import { operations } from '../tools/openapi/operations.ts';

const read = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');

describe('documentation', () => {
  it('docs/openapi.json is what the schemas give; npm run openapi writes it', () => {
    const { version } = JSON.parse(read('package.json')) as { version: string };
    expect(JSON.parse(read('docs/openapi.json'))).toEqual(JSON.parse(JSON.stringify(openapiDocument(version))));
  });

  it('docs/openapi.json names every problem of every route once', () => {
    const named = Object.entries(operations).map(([name, { codes }]) => ({ name, codes }));
    for (const { name, codes } of named) expect(codes, name).toHaveLength(new Set(codes).size);
    // These two belong to no route.
    const unknown: ProblemCode[] = ['route_not_found', 'method_not_allowed'];
    const all = [...new Set(named.flatMap(({ codes }) => codes)), ...unknown];
    expect(all.sort()).toEqual(Object.keys(PROBLEMS).sort());
  });

  it('docs/openapi.json bounds a name in code points, as the gate does', () => {
    const { components } = JSON.parse(read('docs/openapi.json'));
    expect(components.schemas.CreateBody.properties.name).toEqual({ type: 'string', minLength: 1, maxLength: 255 });
  });
});
