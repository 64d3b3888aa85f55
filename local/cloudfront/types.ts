import type { IncomingMessage, ServerResponse } from 'node:http';
import type { LambdaFunction } from '../lambda/host.ts';

/** CloudFront's header map: lower-case names, every occurrence in order. Source: Lambda@Edge event structure. */
export type CfHeaders = Record<string, { readonly key?: string; readonly value: string }[]>;

/** `origin.custom` of an origin-request event. */
export type CfCustomOrigin = {
  readonly customHeaders: CfHeaders;
  readonly domainName: string;
  /** Seconds, 1–120. */
  readonly keepaliveTimeout: number;
  /** '' or a slash and more, without a slash at the end. */
  readonly path: string;
  readonly port: number;
  readonly protocol: 'http' | 'https';
  /** Seconds, 1–120. */
  readonly readTimeout: number;
  /** Seconds for the whole answer; 0: no limit. */
  readonly responseCompletionTimeout: number;
  readonly sslProtocols: readonly string[];
};

export type CfBody = {
  readonly inputTruncated: boolean;
  readonly action: 'read-only' | 'replace';
  readonly encoding: 'base64' | 'text';
  readonly data: string;
};

export type CfRequest = {
  readonly clientIp: string;
  readonly headers: CfHeaders;
  readonly method: string;
  readonly querystring: string;
  readonly uri: string;
  readonly body: CfBody;
  readonly origin: { readonly custom: CfCustomOrigin };
};

/** A host name that origin requests may go to, and where it is on this machine. */
export type OriginTarget = {
  /** `http://127.0.0.1:{port}` */
  readonly url: string;
  /** AWS Region in which the latency model places it. */
  readonly region?: string;
};

export type FrontDoorOptions = {
  /** Port on 127.0.0.1; 0: any free one. */
  readonly port: number;
  readonly distribution: { readonly id: string; readonly domainName: string };
  /** The configured origin of the `/v1/*` behaviour. Its custom headers are the function's configuration. */
  readonly origin: {
    readonly domainName: string;
    readonly path: string;
    readonly customHeaders: Readonly<Record<string, string>>;
  };
  /** DNS of the platform: AWS-shaped host name → where it is here. */
  readonly origins: Readonly<Record<string, OriginTarget>>;
  /** The replica of the origin-request function in an edge Region; asked once per Region. */
  readonly functions: (edgeRegion: string) => LambdaFunction;
  /** Slug of the place of a request without `x-sim-viewer`. Default `dublin`. */
  readonly defaultPlace?: string;
  /** Answers `/_local` and below, before any rule of CloudFront. */
  readonly admin: (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;
  /** Adds the round trips of the simulated distances. Default false. */
  readonly latency?: boolean;
  /** Hears why a request was refused by CloudFront's rules; never carries header values, bodies or queries. */
  readonly log?: (entry: RefusalEntry) => void;
};

export type RefusalEntry = {
  readonly requestId: string;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly reason: string;
};
