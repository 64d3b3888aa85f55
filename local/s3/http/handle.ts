import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { bytesToText } from '../../sigv4/percent.ts';
import { parseQuery } from '../../sigv4/request.ts';
import { verifySignature } from '../../sigv4/verify.ts';
import type { CredentialStore } from '../../support/credentials.ts';
import { isAllowed } from '../../support/credentials.ts';
import { rawHeaderPairs, splitTarget } from '../../support/http.ts';
import { fault, S3Error } from '../errors.ts';
import { createBucket } from '../operations/create-bucket.ts';
import { errorDocument } from '../xml.ts';
import type { AccessLog } from './access-log.ts';
import type { Call, RegionContext, Reply } from './call.ts';
import { actualCorsHeaders, preflight } from './cors.ts';
import { routeOperation } from './route.ts';
import { sendReply } from './send-reply.ts';
import { splitPath } from './split-path.ts';
import { WAITING_FOR_CONTINUE } from './waiting.ts';

export interface HandleDeps {
  readonly context: RegionContext;
  readonly credentials: CredentialStore;
  readonly accessLog: AccessLog;
}

/** One Region's endpoint: verify, route, run, answer; whatever fails becomes S3's error document. */
export function createHandler({ context, credentials, accessLog }: HandleDeps) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const started = performance.now();
    const method = request.method ?? '';
    const { rawPath, rawQuery } = splitTarget(request.url ?? '/');
    const requestId = randomBytes(8).toString('hex').toUpperCase();
    const hostId = randomBytes(42).toString('base64');
    let code: string | null = null;
    let cors: Readonly<Record<string, string>> = {};
    let reply: Reply;
    try {
      const { bucket, key } = splitPath(rawPath);
      const rules = context.store.state.buckets.get(bucket)?.record.cors ?? [];
      const header = (name: string): string | undefined => one(request.headers[name]);
      if (method === 'OPTIONS') {
        reply = preflight(rules, header);
      } else {
        cors = actualCorsHeaders(rules, header('origin'), method);
        reply = await answer(request, response, { method, rawPath, rawQuery, bucket, key, requestId, hostId, header });
      }
    } catch (error) {
      const known = error instanceof S3Error ? error : fault('InternalError');
      if (!(error instanceof S3Error)) console.error(error);
      code = known.code;
      reply = errorReply(known, rawPath, requestId, hostId, method === 'HEAD');
    }
    try {
      await sendReply(request, response, reply, {
        'x-amz-request-id': requestId,
        'x-amz-id-2': hostId,
        date: new Date(context.now()).toUTCString(),
        server: 'AmazonS3',
        ...cors,
      });
    } finally {
      accessLog.write({
        time: new Date(context.now()).toISOString(),
        region: context.region,
        method,
        path: rawPath,
        status: reply.status,
        code,
        ms: Math.round((performance.now() - started) * 10) / 10,
      });
    }
  };

  interface Parsed {
    readonly method: string;
    readonly rawPath: string;
    readonly rawQuery: string;
    readonly bucket: string;
    readonly key: string;
    readonly requestId: string;
    readonly hostId: string;
    readonly header: (name: string) => string | undefined;
  }

  async function answer(request: IncomingMessage, response: ServerResponse, parsed: Parsed): Promise<Reply> {
    const { method, rawPath, rawQuery, bucket, key } = parsed;
    const verified = verifySignature(
      { method, rawPath, rawQuery, headers: rawHeaderPairs(request) },
      { find: credentials.find, now: context.now(), region: context.region, service: 's3' },
    );
    if (!verified.ok) throw new S3Error(verified.code, verified.status, verified.message, verified.details);
    const { credential } = verified;
    const call: Call = {
      ...context,
      bucket,
      key,
      query: queryMap(rawQuery),
      header: parsed.header,
      request,
      verified,
      source: {
        time: context.now(),
        requestId: parsed.requestId,
        hostId: parsed.hostId,
        principal: `AWS:${credential.role}`,
        sourceIp: request.socket.remoteAddress ?? '127.0.0.1',
      },
      askForBody: () => {
        if (WAITING_FOR_CONTINUE.delete(request)) response.writeContinue();
      },
      may: (action, ofKey) =>
        isAllowed(
          credential.statements,
          action,
          ofKey === undefined ? `arn:aws:s3:::${bucket}` : `arn:aws:s3:::${bucket}/${ofKey}`,
        ),
    };
    const owner = call.header('x-amz-expected-bucket-owner');
    if (owner !== undefined && owner !== context.account) throw fault('AccessDenied');
    const operation = routeOperation(call, method);
    if (bucket !== '' && operation !== createBucket) redirectIfElsewhere(call);
    return operation(call);
  }

  function redirectIfElsewhere({ bucket }: Call): void {
    if (context.store.state.buckets.has(bucket)) return;
    const place = context.placeOf(bucket);
    if (!place) return;
    throw fault('PermanentRedirect', {
      details: { Endpoint: place.url.replace(/^https?:\/\//, ''), Bucket: bucket },
      headers: { 'x-amz-bucket-region': place.region },
    });
  }
}

function errorReply(error: S3Error, rawPath: string, requestId: string, hostId: string, head: boolean): Reply {
  if (head || error.status === 304) return { status: error.status, headers: error.headers };
  return {
    status: error.status,
    headers: { 'content-type': 'application/xml', ...error.headers },
    body: errorDocument({
      Code: error.code,
      Message: error.message,
      ...error.details,
      Resource: rawPath,
      RequestId: requestId,
      HostId: hostId,
    }),
  };
}

function queryMap(rawQuery: string): Map<string, string> {
  const map = new Map<string, string>();
  for (const { name, value } of parseQuery(rawQuery) ?? []) {
    const [nameText, valueText] = [bytesToText(name), bytesToText(value)];
    if (nameText === null || valueText === null) throw fault('InvalidURI');
    if (!map.has(nameText)) map.set(nameText, valueText);
  }
  return map;
}

function one(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
