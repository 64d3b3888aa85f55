/** A request as the gate sees it: plain values, nothing of CloudFront's and nothing of fetch's, whose classes cost 50 ms to load. */
export type GateRequest = {
  /** Names this request in answers, logs and the origin. Never the client's choice. */
  readonly requestId: string;
  readonly method: string;
  /** Raw path, as sent. */
  readonly path: string;
  /** Raw query without `?`. */
  readonly query: string;
  /** Every value of every header, lower-case names. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
  readonly body: GateBody;
};

/** What CloudFront lets us see of a body. */
export type GateBody = {
  /** Base64 of the first megabyte; empty without a body. */
  readonly base64: string;
  /** Whether there was more. */
  readonly truncated: boolean;
};

/** An answer of the gate itself. */
export type GateResponse = {
  readonly kind: 'respond';
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** Text; empty for none. */
  readonly body: string;
};

/** A request to send on to a Region's API. */
export type GateForward = {
  readonly kind: 'forward';
  /** Host name of the API. */
  readonly host: string;
  /** Stage, put before `path`. */
  readonly stage: string;
  readonly path: string;
  /** Without `?`. */
  readonly query: string;
  /** Every header the origin gets beside those nobody may touch, lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
};

export type GateAnswer = GateResponse | GateForward;

/** All values of a header; none is the empty list. */
export const headerValues = (request: Pick<GateRequest, 'headers'>, name: string): readonly string[] =>
  request.headers.get(name) ?? [];

/** A header's one value; `undefined` if it is absent or repeated. */
export const singleHeader = (request: Pick<GateRequest, 'headers'>, name: string): string | undefined => {
  const values = headerValues(request, name);
  return values.length === 1 ? values[0] : undefined;
};
