import { toJsonSchema } from '@valibot/to-json-schema';
import { cureOf } from '../../core/contract/issuer-cures.ts';
import { IssuerEntrySchema } from '../../core/contract/issuer-entry.ts';

type Json = Readonly<Record<string, unknown>>;

/** Members that need not be there, and what they are for. */
const OPTIONAL: Readonly<Record<string, string>> = {
  audienceClaim: 'the path of the claim that holds the audience, if it is not aud',
  jwksUri: 'where the provider publishes its key set: https on port 443',
  jwks: 'a key set of public keys, written into the entry',
  keyLifeSeconds: 'how long its fetched keys outlive trouble of its provider, if not 86400',
  note: 'whatever the reader should know; nothing depends on it',
};

const isJson = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

const describe = (path: readonly string[]): string => {
  const name = path.at(-1) ?? '';
  if (path.join('/') === 'keys/jwks/keys') return 'Public keys (RFC 7517), each with a kid of its own.';
  return `Write ${OPTIONAL[name] ?? cureOf(`/${name}`)}.`;
};

/** What the form of one member cannot say in valibot's words. */
const ADDED: Readonly<Record<string, Json>> = { keys: { minProperties: 1, maxProperties: 1 } };

/** Adds to every member of an object what is to be written there, so that an editor says it. */
const withDescriptions = (schema: unknown, path: readonly string[] = []): unknown => {
  if (!isJson(schema)) return schema;
  const { properties, ...rest } = schema;
  if (!isJson(properties)) return schema;
  const described = Object.entries(properties).map(([name, member]) => {
    const at = [...path, name];
    const inner = withDescriptions(member, at);
    return [name, isJson(inner) ? { description: describe(at), ...inner, ...ADDED[at.join('/')] } : inner];
  });
  return { ...rest, properties: Object.fromEntries(described) };
};

/**
 * JSON Schema of an issuer entry, for editors. It says everything a form can say; that two members fit together, and that keys are good,
 * is said by `issuers lint`.
 */
export const issuerSchema = (): Json => {
  const schema = toJsonSchema(IssuerEntrySchema, { errorMode: 'ignore', target: 'draft-07' });
  const described = withDescriptions(schema);
  return {
    title: 'nearput issuer',
    description: 'One issuer of the registry. `npx nearput issuers lint` checks what a form cannot.',
    ...(isJson(described) ? described : {}),
  };
};
