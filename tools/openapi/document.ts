import { toJsonSchema } from '@valibot/to-json-schema';
import type { GenericSchema } from 'valibot';
import {
  DOWNLOAD_TTL_SECONDS,
  IDEMPOTENCY_KEY_LENGTH,
  LIST_LIMIT,
  NAME_MAX_CODE_POINTS,
} from '../../core/contract/limits.ts';
import { PROBLEM_MEDIA_TYPE, PROBLEMS, type ProblemCode } from '../../core/contract/problems.ts';
import {
  CreatedUpload,
  Health,
  PartList,
  SignedParts,
  UploadPage,
  UploadRecord,
  UploadRecordWithDownload,
  Whoami,
} from '../../core/contract/records.ts';
import { ROUTES, type Route } from '../../core/contract/routes.ts';
import { CreateBody, FileName, FinalizeBody, PartsBody } from '../../core/contract/schemas.ts';
import { STATES } from '../../core/contract/states.ts';
import { operations } from './operations.ts';

type Json = { readonly [member: string]: unknown };

const NAME_CHECKS: readonly unknown[] = FileName.pipe;

/** JSON Schema of a valibot schema; checks that JSON Schema cannot say are left to the gateway. */
const schemaOf = (schema: GenericSchema): Json => {
  const { $schema: _, ...rest } = toJsonSchema(schema, {
    errorMode: 'ignore',
    // JSON Schema counts a string in code points, as the rule for names does.
    overrideAction: ({ valibotAction, jsonSchema }) =>
      NAME_CHECKS.includes(valibotAction)
        ? { ...jsonSchema, minLength: 1, maxLength: NAME_MAX_CODE_POINTS }
        : undefined,
    overrideSchema: ({ valibotSchema, jsonSchema }) =>
      valibotSchema.type === 'custom' ? { type: 'object', additionalProperties: { type: 'string' } } : jsonSchema,
  }) as Json;
  return rest;
};

const ref = (name: string): Json => ({ $ref: `#/components/schemas/${name}` });
const json = (schema: Json): Json => ({ 'application/json': { schema } });

const requestBodies: Partial<Record<Route['name'], Json>> = {
  createUpload: { required: true, content: json(ref('CreateBody')) },
  renewUpload: { required: true, content: json(ref('CreateBody')) },
  signParts: { required: true, content: json(ref('PartsBody')) },
  finalizeUpload: { required: false, content: json(ref('FinalizeBody')) },
  createDocument: { required: true, content: json({}) },
};

const queryParameters: Record<string, Json> = {
  ttl: {
    name: 'ttl',
    in: 'query',
    description: 'Life of the download link in seconds.',
    schema: {
      type: 'integer',
      minimum: DOWNLOAD_TTL_SECONDS.min,
      maximum: DOWNLOAD_TTL_SECONDS.max,
      default: DOWNLOAD_TTL_SECONDS.default,
    },
  },
  inline: {
    name: 'inline',
    in: 'query',
    description:
      'Asks for a link that a browser shows, also without a value; taken only for types that are safe to show.',
    schema: { type: 'string', enum: ['', '1', 'true', 'false'] },
  },
  limit: {
    name: 'limit',
    in: 'query',
    schema: { type: 'integer', minimum: LIST_LIMIT.min, maximum: LIST_LIMIT.max, default: LIST_LIMIT.default },
  },
  cursor: { name: 'cursor', in: 'query', description: '`nextCursor` of the page before.', schema: { type: 'string' } },
  state: { name: 'state', in: 'query', schema: { type: 'string', enum: STATES } },
  uploadId: { name: 'uploadId', in: 'query', description: "S3's upload id.", schema: { type: 'string' } },
};

const idParameter: Json = {
  name: 'id',
  in: 'path',
  required: true,
  schema: { type: 'string', pattern: '^[a-z][a-z0-9]{1,15}_[a-z2-7]{71}$' },
};

const idempotencyParameter: Json = {
  name: 'Idempotency-Key',
  in: 'header',
  description: 'Printable ASCII. The same caller, key, body and Region give the same id.',
  schema: {
    type: 'string',
    minLength: IDEMPOTENCY_KEY_LENGTH.min,
    maxLength: IDEMPOTENCY_KEY_LENGTH.max,
    pattern: '^[\\x20-\\x7e]*$',
  },
};

const header = (name: string): Json => ({ $ref: `#/components/headers/${name}` });

/** Headers of an answer beside those HTTP itself needs. */
const answerHeaders = (status: number): Json => ({
  'x-request-id': header('RequestId'),
  ...(status === 307 ? { location: header('Location') } : {}),
  ...(status === 401 ? { 'www-authenticate': header('WwwAuthenticate') } : {}),
  ...([202, 401, 429, 503].includes(status) ? { 'retry-after': header('RetryAfter') } : {}),
});

/** One entry a status, naming the codes it can carry. */
const problemResponses = (codes: readonly ProblemCode[]): Json => {
  const byStatus = new Map<number, ProblemCode[]>();
  for (const code of codes) byStatus.set(PROBLEMS[code].status, [...(byStatus.get(PROBLEMS[code].status) ?? []), code]);
  return Object.fromEntries(
    [...byStatus].map(([status, names]) => [
      status,
      {
        description: names.map((name) => `\`${name}\`: ${PROBLEMS[name].title}.`).join(' '),
        headers: answerHeaders(status),
        content: { [PROBLEM_MEDIA_TYPE]: { schema: ref('Problem') } },
      },
    ]),
  );
};

const operationOf = (route: Route): Json => {
  const { summary, success, codes } = operations[route.name];
  const body = requestBodies[route.name];
  const parameters = [
    ...(route.path.includes('{id}') ? [idParameter] : []),
    ...route.query.map((name) => queryParameters[name] ?? { name, in: 'query', schema: { type: 'string' } }),
    ...(route.name === 'createUpload' || route.name === 'createDocument' ? [idempotencyParameter] : []),
  ];
  return {
    operationId: route.name,
    summary,
    ...(route.permission === 'public' ? { security: [] } : {}),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined ? {} : { requestBody: body }),
    responses: {
      ...Object.fromEntries(
        success.map(({ status, description, schema }) => [
          status,
          {
            description,
            headers: answerHeaders(status),
            ...(schema === null ? {} : { content: json(schema === 'any' ? {} : ref(schema)) }),
          },
        ]),
      ),
      ...problemResponses(codes),
    },
  };
};

const problemSchema: Json = {
  type: 'object',
  required: ['type', 'title', 'status', 'code', 'detail', 'requestId'],
  properties: {
    type: { type: 'string', format: 'uri' },
    title: { type: 'string' },
    status: { type: 'integer' },
    code: { type: 'string', enum: Object.keys(PROBLEMS) },
    detail: { type: 'string', description: 'What to change.' },
    requestId: { type: 'string' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        required: ['path', 'message'],
        properties: { path: { type: 'string' }, message: { type: 'string' } },
      },
    },
  },
};

const paths = (): Json => {
  const byPath: Record<string, Record<string, Json>> = {};
  for (const route of ROUTES) {
    byPath[route.path] = { ...byPath[route.path], [route.method.toLowerCase()]: operationOf(route) };
  }
  return byPath;
};

/** The OpenAPI 3.1 document of `/v1`, made from the route table, the problem table and the schemas. */
export const openapiDocument = (version: string): Json => ({
  openapi: '3.1.0',
  info: {
    title: 'nearput',
    version,
    description:
      "Permission to upload from the nearest edge location, bytes straight to S3. CloudFront's and WAF's own 403, 502 and 503 answers are not problem+json.",
  },
  security: [{ bearer: [] }],
  paths: paths(),
  components: {
    securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
    headers: {
      RequestId: { description: 'Name of this request in every log line.', schema: { type: 'string' } },
      RetryAfter: {
        description: 'Seconds after which to ask again. On 401 only where a key may not be known yet.',
        schema: { type: 'string', pattern: '^[0-9]+$' },
      },
      Location: { description: 'The signed download.', schema: { type: 'string', format: 'uri' } },
      WwwAuthenticate: { description: 'RFC 6750.', schema: { type: 'string', pattern: '^Bearer' } },
    },
    schemas: {
      CreateBody: schemaOf(CreateBody),
      PartsBody: schemaOf(PartsBody),
      FinalizeBody: schemaOf(FinalizeBody),
      CreatedUpload: schemaOf(CreatedUpload),
      SignedParts: schemaOf(SignedParts),
      PartList: schemaOf(PartList),
      UploadRecord: schemaOf(UploadRecord),
      UploadRecordWithDownload: schemaOf(UploadRecordWithDownload),
      UploadPage: schemaOf(UploadPage),
      Whoami: schemaOf(Whoami),
      Health: schemaOf(Health),
      Problem: problemSchema,
    },
  },
});
