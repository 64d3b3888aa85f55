import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { bytesToText } from '../../sigv4/percent.ts';
import type { Refusal } from '../../sigv4/refusal.ts';
import { parseQuery } from '../../sigv4/request.ts';
import { type Verified, verifySignature } from '../../sigv4/verify.ts';
import { verifyPostPolicy } from '../../sigv4/verify-post-policy.ts';
import type { CredentialStore } from '../../support/credentials.ts';
import { isAllowed } from '../../support/credentials.ts';
import { rawHeaderPairs, splitTarget } from '../../support/http.ts';
import { fault, S3Error } from '../errors.ts';
import { postObject } from '../operations/post-object.ts';
import { isDenied } from '../policy/bucket-policy.ts';
import { errorDocument } from '../xml.ts';
import type { AccessLog } from './access-log.ts';
import type { Call, FormCall, RegionContext, Reply } from './call.ts';
import { actualCorsHeaders, preflight } from './cors.ts';
import type { Faults, FaultTarget } from './faults.ts';
import { isForm, type OperationName, routeOperation } from './route.ts';
import { sendReply } from './send-reply.ts';
import { splitPath } from './split-path.ts';
import { WAITING_FOR_CONTINUE } from './waiting.ts';

export interface HandleDeps {
  readonly context: RegionContext;
  readonly credentials: CredentialStore;
  readonly accessLog: AccessLog;
  readonly faults: Faults;
}

/** One Region's endpoint: verify, route, run, answer; whatever fails becomes S3's error document. */
export function createHandler({ context, credentials, accessLog, faults }: HandleDeps) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const started = performance.now();
    const method = request.method ?? '';
    const { rawPath, rawQuery } = splitTarget(request.url ?? '/');
    const requestId = randomBytes(8).toString('hex').toUpperCase();
    const hostId = randomBytes(42).toString('base64');
    let code: string | null = null;
    let cors: Readonly<Record<string, string>> = {};
    let reply: Reply | null;
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
    if (!reply) {
      request.socket.destroy();
      return;
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

  async function answer(request: IncomingMessage, response: ServerResponse, parsed: Parsed): Promise<Reply | null> {
    const { method, rawPath, rawQuery, bucket, key, header } = parsed;
    const query = queryMap(rawQuery);
    const askForBody = (): void => {
      if (WAITING_FOR_CONTINUE.delete(request)) response.writeContinue();
    };
    const judge = { find: credentials.find, now: context.now(), region: context.region, service: 's3' };

    function callOf(verified: Verified | Refusal, ofKey: string): Call {
      if (!verified.ok) throw new S3Error(verified.code, verified.status, verified.message, verified.details);
      const { statements, role } = verified.credential;
      return {
        ...context,
        bucket,
        key: ofKey,
        query,
        header,
        request,
        verified,
        source: {
          time: context.now(),
          requestId: parsed.requestId,
          hostId: parsed.hostId,
          principal: `AWS:${role}`,
          sourceIp: request.socket.remoteAddress ?? '127.0.0.1',
        },
        askForBody,
        may: (action, named, inBucket = bucket) => {
          const resource = `arn:aws:s3:::${inBucket}${named === undefined ? '' : `/${named}`}`;
          const policy = context.store.state.buckets.get(inBucket)?.record.policy;
          return isAllowed(statements, action, resource) && !isDenied(policy, { action, resource, via: verified.via });
        },
      };
    }

    if (isForm({ bucket, key, query }, method)) {
      redirectIfElsewhere(bucket);
      const authenticate: FormCall['authenticate'] = (fields, named) => callOf(verifyPostPolicy(fields, judge), named);
      const form = { ...context, bucket, header, request, askForBody, authenticate };
      return faults.around(targetOf('PostObject', bucket), () => postObject(form));
    }
    const headers = rawHeaderPairs(request);
    const call = callOf(verifySignature({ method, rawPath, rawQuery, headers }, judge), key);
    const owner = header('x-amz-expected-bucket-owner');
    if (owner !== undefined && owner !== context.account) throw fault('AccessDenied');
    const { name, run } = routeOperation(call, method);
    if (bucket !== '' && name !== 'CreateBucket') redirectIfElsewhere(bucket);
    return faults.around(targetOf(name, bucket), () => run(call));
  }

  function targetOf(action: OperationName, bucket: string): FaultTarget {
    return { region: context.region, action, resource: bucket };
  }

  function redirectIfElsewhere(bucket: string): void {
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
