import { createHash } from 'node:crypto';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';

/** An S3-compatible server to be asked; `bucket` is there and keeps versions. */
export interface S3Target {
  readonly endpoint: string;
  readonly region: string;
  readonly bucket: string;
  readonly credentials: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  };
}

/** The SDK's client, as an application would make it. */
export function clientOf(target: S3Target, requestChecksumCalculation: 'WHEN_REQUIRED' | 'WHEN_SUPPORTED'): S3Client {
  return new S3Client({
    endpoint: target.endpoint,
    region: target.region,
    credentials: target.credentials,
    forcePathStyle: true,
    requestChecksumCalculation,
    maxAttempts: 1,
  });
}

/** What a PUT is granted for: everything here is part of the signature. */
export interface PutGrant {
  readonly key: string;
  readonly body: Buffer;
  readonly type: string;
  readonly metadata: string;
  readonly expiresIn: number;
  readonly sha256?: string;
}

/** A request that can be changed in one thing and sent. */
export interface PlainRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface PlainAnswer {
  readonly status: number;
  /** S3's error code; empty when the answer is none of its error documents. */
  readonly code: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** A presigned PUT bound to key, exact length, type, SHA-256, metadata and `If-None-Match: *`, as the gate makes them. */
export async function presignPut(target: S3Target, grant: PutGrant, signingDate = new Date()): Promise<PlainRequest> {
  const client = clientOf(target, 'WHEN_REQUIRED');
  const sha256 = grant.sha256 ?? createHash('sha256').update(grant.body).digest('base64');
  const headers = {
    'content-type': grant.type,
    'if-none-match': '*',
    'x-amz-checksum-sha256': sha256,
    'x-amz-meta-nearput': grant.metadata,
  };
  const command = new PutObjectCommand({
    Bucket: target.bucket,
    Key: grant.key,
    ContentLength: grant.body.length,
    ContentType: grant.type,
    IfNoneMatch: '*',
    ChecksumSHA256: sha256,
    Metadata: { nearput: grant.metadata },
  });
  const url = await getSignedUrl(client, command, {
    expiresIn: grant.expiresIn,
    signingDate,
    unhoistableHeaders: new Set(Object.keys(headers)),
    signableHeaders: new Set(['host', 'content-length', ...Object.keys(headers)]),
  });
  client.destroy();
  return {
    method: 'PUT',
    url,
    headers: { ...headers, 'content-length': String(grant.body.length) },
    body: grant.body,
  };
}

/** Sends exactly what it is given, by plain HTTP. */
export function send({ method, url, headers, body }: PlainRequest): Promise<PlainAnswer> {
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(url, { method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const bytes = Buffer.concat(chunks);
        resolve({
          status: response.statusCode ?? 0,
          code: /<Code>([^<]*)<\/Code>/.exec(bytes.toString('utf8'))?.[1] ?? '',
          headers: response.headers,
          body: bytes,
        });
      });
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** The same request without the header `name`. */
export function without(request: PlainRequest, name: string): PlainRequest {
  const { [name]: _, ...headers } = request.headers;
  return { ...request, headers };
}

/** The same request with headers added or replaced. */
export function withHeaders(request: PlainRequest, headers: Readonly<Record<string, string>>): PlainRequest {
  return { ...request, headers: { ...request.headers, ...headers } };
}

/** The same request with one parameter of its query replaced. */
export function withParameter(request: PlainRequest, name: string, value: string): PlainRequest {
  const url = new URL(request.url);
  url.searchParams.set(name, value);
  return { ...request, url: url.href };
}
