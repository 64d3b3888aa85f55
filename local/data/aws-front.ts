import { createHash, randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { verifySignature } from '../sigv4/verify.ts';
import type { Clock } from '../support/clock.ts';
import { type Credential, isAllowed } from '../support/credentials.ts';
import { isBodyTooLarge, type Listening, listen, rawHeaderPairs, readBody, splitTarget } from '../support/http.ts';
import { type AwsError, formatAwsError, notAuthorized, signatureError } from './aws-error.ts';
import type { FaultRule, Faults } from './faults.ts';

/** A request that is signed by someone known, before it is allowed to act. */
export interface FrontRequest {
  readonly action: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly body: Buffer;
  readonly credential: Credential;
}

/** What a request wants to do: IAM action and ARN, one for each resource it touches. */
export interface Wish {
  readonly action: string;
  readonly arn: string;
}

export interface FrontAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

/** What an AWS JSON service behind the front is. */
export interface FrontService {
  readonly service: 'sqs' | 'dynamodb';
  /** AWS's Region name. */
  readonly region: string;
  /** Before the dot of `x-amz-target`. */
  readonly target: string;
  /** Content type of requests and answers. */
  readonly contentType: string;
  /** Largest request, in bytes. */
  readonly maxBodyBytes: number;
  /** Every action and resource that must be allowed, or why the request makes no sense. */
  wishes(request: FrontRequest): readonly Wish[] | AwsError;
  /** The queue or table name, for fault rules. */
  resource(request: FrontRequest): string;
  /** `gone` is aborted when the caller hangs up. */
  handle(request: FrontRequest, gone: AbortSignal): Promise<FrontAnswer | AwsError>;
  /** Told when the caller was gone before `answer` could be given. */
  unanswered?(request: FrontRequest, answer: FrontAnswer): Promise<void>;
}

export interface FrontDeps {
  readonly find: (accessKeyId: string) => Credential | undefined;
  readonly clock: Clock;
  readonly faults: Faults;
  /** 0: any free port. */
  readonly port: number;
}

/**
 * Serves one AWS JSON service of one Region: checks Host, signature, body hash and permissions, meets injected faults,
 * then hands the request on. Refusals are worded as the service words them.
 */
export async function startAwsFront(service: FrontService, deps: FrontDeps): Promise<Listening> {
  return listen((request, response) => serve(service, deps, request, response), { port: deps.port });
}

async function serve(
  service: FrontService,
  deps: FrontDeps,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  response.setHeader('x-amzn-requestid', randomUUID());
  if (request.method === 'GET' && request.url === '/ping') {
    request.resume();
    response.end('healthy');
    return;
  }
  const read = await readRequest(service, deps, request);
  if ('code' in read) return sendError(service, response, read);
  const fault = deps.faults.take({
    service: service.service,
    region: service.region,
    action: read.action,
    resource: service.resource(read),
  });
  if (fault?.mode === 'hang') return;
  if (fault?.mode === 'fail') return sendError(service, response, injected(fault));
  if (fault?.mode === 'delay') await sleep(fault.delayMs ?? 0);
  const answer = await service.handle(read, whenGone(response));
  if (fault?.mode === 'drop') {
    response.destroy();
    return;
  }
  if ('code' in answer) return sendError(service, response, answer);
  if (response.destroyed) return service.unanswered?.(read, answer);
  response.writeHead(answer.status, { 'content-type': service.contentType, ...answer.headers });
  response.end(answer.body);
}

/** Aborted when the caller leaves without its answer. */
function whenGone(response: ServerResponse): AbortSignal {
  const gone = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) gone.abort();
  });
  return gone.signal;
}

/** The request with its signer, once signature, hash and permissions hold. */
async function readRequest(
  service: FrontService,
  deps: FrontDeps,
  request: IncomingMessage,
): Promise<FrontRequest | AwsError> {
  const body = await readBody(request, service.maxBodyBytes).catch((error: unknown) => {
    if (isBodyTooLarge(error)) return null;
    throw error;
  });
  if (body === null) return { status: 413, code: 'RequestEntityTooLarge', message: 'The request is too long.' };
  const credential = authenticate(service, deps, request, body);
  if ('code' in credential) return credential;
  const [target, action = '', ...rest] = String(request.headers['x-amz-target'] ?? '').split('.');
  const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim();
  if (request.method !== 'POST' || target !== service.target || action === '' || rest.length > 0) return unknownAction;
  if (type !== service.contentType) return unknownAction;
  const input = parseObject(body);
  if (!input) return { status: 400, code: 'SerializationException', message: 'The body is not a JSON object.' };
  const read: FrontRequest = { action, input, body, credential };
  const wishes = service.wishes(read);
  if ('code' in wishes) return wishes;
  const refused = wishes.find((wish) => !isAllowed(credential.statements, wish.action, wish.arn));
  return refused ? notAuthorized(service.service, credential.role, refused.action, refused.arn) : read;
}

/**
 * Signature and body hash. A request may lie near the platform's time or near the machine's: its signer may be an
 * instance that was frozen when the clock moved, or a client outside the platform.
 */
function authenticate(
  { service, region }: FrontService,
  { find, clock }: FrontDeps,
  request: IncomingMessage,
  body: Buffer,
): Credential | AwsError {
  const bodySha256 = createHash('sha256').update(body).digest('hex');
  const signed = {
    method: request.method ?? '',
    ...splitTarget(request.url ?? '/'),
    headers: rawHeaderPairs(request),
    bodySha256,
  };
  let verdict = verifySignature(signed, { find, now: clock.now(), region, service });
  if (!verdict.ok && verdict.code === 'RequestTimeTooSkewed' && clock.offsetSeconds() !== 0) {
    verdict = verifySignature(signed, { find, now: Date.now(), region, service });
  }
  if (!verdict.ok) return signatureError(service, verdict);
  if (verdict.payloadHash !== bodySha256) {
    return signatureError(service, {
      code: 'SignatureDoesNotMatch',
      message: 'The hash of the body is not the one that was signed.',
    });
  }
  return verdict.credential;
}

const unknownAction: AwsError = {
  status: 400,
  code: 'UnknownOperationException',
  message: 'The requested operation is not supported by this endpoint.',
};

function injected(fault: FaultRule): AwsError {
  return {
    status: fault.status ?? 500,
    code: fault.code ?? 'InternalServerError',
    message: 'Injected by the local platform.',
  };
}

function sendError(service: FrontService, response: ServerResponse, error: AwsError): void {
  const { headers, body } = formatAwsError(service.service, error);
  response.writeHead(error.status, { 'content-type': service.contentType, ...headers });
  response.end(JSON.stringify(body));
}

function parseObject(body: Buffer): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
