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

/** Text of a value as CloudFormation would join it; names known only when deployed become `a1b2c3d4e5`. */
export const resolve = (value: unknown): string => {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return String(value);
  if ('Fn::Join' in value) {
    const [separator, parts] = value['Fn::Join'] as [string, unknown[]];
    return parts.map(resolve).join(separator);
  }
  if ('Fn::Base64' in value) return Buffer.from(resolve(value['Fn::Base64'])).toString('base64');
  return 'a1b2c3d4e5';
};

/** The configuration of a template's one distribution. */
export const distributionOf = (template: Template): Json => {
  const [, { Properties }] = one(template, 'AWS::CloudFront::Distribution');
  return Properties['DistributionConfig'] as Json;
};
/** The configuration headers of the gate's origin, as CloudFront would send them. */
export const configHeaders = (template: Template): Record<string, string> => {
  const origins = distributionOf(template)['Origins'] as unknown as Json[];
  const headers = origins.find((origin) => 'OriginCustomHeaders' in origin)?.['OriginCustomHeaders'] as unknown as {
    HeaderName: string;
    HeaderValue: unknown;
  }[];
  return Object.fromEntries(headers.map(({ HeaderName, HeaderValue }) => [HeaderName, resolve(HeaderValue)]));
};
