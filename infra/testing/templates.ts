import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildApp } from '../build-app.ts';

export type Json = { readonly [name: string]: Json } & { readonly [index: number]: Json };
export type Resource = { readonly Type: string; readonly Properties: Json; readonly DependsOn?: string | string[] };
export type Template = { readonly Resources: Readonly<Record<string, Resource>> };

export const ACCOUNT = '123456789012';
process.env['CDK_VALIDATION'] = 'false';

/** The templates of all stacks by name, as `cdk synth` gives them for a context. */
export const synth = (context: Record<string, string>): ReadonlyMap<string, Template> => {
  const outdir = mkdtempSync(join(tmpdir(), 'nearput-synth-'));
  try {
    const { app } = buildApp({
      outdir,
      context: { '@aws-cdk/core:defaultCrossStackReferences': 'weak', ...context },
      analyticsReporting: false,
    });
    return new Map(app.synth().stacks.map((stack) => [stack.stackName, stack.template as Template]));
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
};

/** Resources of one type with their logical ids. */
export const byType = (template: Template, type: string): [string, Resource][] =>
  Object.entries(template.Resources).filter(([, resource]) => resource.Type === type);
/** The one resource of a type that `which` names. */
export const one = (
  template: Template,
  type: string,
  which: (resource: Resource) => boolean = () => true,
): [string, Resource] => {
  const found = byType(template, type).filter(([, resource]) => which(resource));
  const [first] = found;
  if (first === undefined || found.length > 1) throw new Error(`${found.length} resources of ${type}`);
  return first;
};
