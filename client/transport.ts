/** The network as the SDK sees it. Each platform brings one implementation. */

export type TransportAnswer = {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

export type TransportRequest = {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Milliseconds without any progress before the request counts as timed out. */
  readonly idleTimeoutMs: number;
  readonly signal?: AbortSignal | undefined;
};

export type PutRequest = Omit<TransportRequest, 'body'> & {
  /** Bytes, exactly `size` of them. */
  readonly body: AsyncIterable<Uint8Array>;
  readonly size: number;
  /** Called with the bytes the socket has taken so far. */
  readonly onProgress?: ((sent: number) => void) | undefined;
};

/** Throws `ConnectionError` when no answer came, and the signal's reason when it was aborted. */
export type Transport = {
  readonly send: (request: TransportRequest) => Promise<TransportAnswer>;
  readonly put: (request: PutRequest) => Promise<TransportAnswer>;
};
