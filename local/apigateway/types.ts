import type { GatewayResponseType } from '../../core/config/gateway-responses.ts';

/** A request as API Gateway has taken it: limits checked, body read. */
export type GatewayRequest = {
  readonly method: string;
  /** Path below the stage, as sent. */
  readonly path: string;
  /** Query as sent, without `?`. */
  readonly query: string;
  /** Headers in order, with repeats, without those that end at API Gateway. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
  readonly sourceIp: string;
  readonly protocol: string;
  /** `$context.requestId`: the client can choose it; never a key. */
  readonly requestId: string;
  /** `$context.extendedRequestId`, of API Gateway's own making. */
  readonly extendedRequestId: string;
  /** Milliseconds since the epoch, by the platform's clock. */
  readonly time: number;
  /** Resource that matched, such as `/{proxy+}`. */
  readonly resource: string;
  readonly pathParameters: Readonly<Record<string, string>> | null;
};

/** What a client gets. */
export type GatewayAnswer = {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
};

/** An answer of API Gateway's own. `reason` goes only into a header that AWS does not have. */
export type GatewayRefusal = {
  readonly status: number;
  readonly message: string;
  readonly errorType: string;
  readonly reason: string;
  /** Its type, by which an API says how it reads; `null`: it is answered before the API is known. */
  readonly type: GatewayResponseType | null;
};

/** Where a method's requests go: a Lambda function today; S3 and a function behind an authorizer have the same shape. */
export type Integration = (request: GatewayRequest) => Promise<GatewayAnswer | GatewayRefusal>;

export type Route = {
  /** HTTP method, or `ANY`. */
  readonly method: string;
  /** An exact path, or one that ends in `/{proxy+}`. */
  readonly resource: string;
  readonly integration: Integration;
};

export type GatewayOptions = {
  /** Port on 127.0.0.1; 0: any free one. */
  readonly port: number;
  /** AWS-shaped host name of the API, `{id}.execute-api.{region}.amazonaws.com`. */
  readonly domainName: string;
  /** Stage, such as `live`; the first segment of every path. */
  readonly stage: string;
  /** Exact resources win over `{proxy+}`. */
  readonly routes: readonly Route[];
  /** Longest integration, in milliseconds. Default 29,000, as AWS. */
  readonly timeoutMs?: number;
  /** The account's request rate; beyond it 429. Default: no limit. */
  readonly throttle?: { readonly perSecond: number; readonly burst: number };
  readonly clock: { now(): number };
  /** How the API's own refusals read. Default: as API Gateway has them. */
  readonly responses?: (type: GatewayResponseType, requestId: string) => GatewayAnswer;
  /** Hears every refusal; no header values, bodies or queries. */
  readonly log?: (entry: { requestId: string; method: string; path: string; status: number; reason: string }) => void;
};
