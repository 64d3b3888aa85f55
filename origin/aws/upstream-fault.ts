const NAMES: ReadonlySet<string> = new Set([
  'AbortError',
  'TimeoutError',
  'RequestTimeout',
  'RequestTimeoutException',
  'SlowDown',
  'Throttling',
  'ThrottlingException',
  'TooManyRequestsException',
  'RequestLimitExceeded',
  'ProvisionedThroughputExceededException',
  'InternalError',
  'InternalServerError',
  'InternalFailure',
  'ServiceUnavailable',
]);

const CODES: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);

const textMember = (value: object, name: string): string => {
  const member: unknown = Reflect.get(value, name);
  return typeof member === 'string' ? member : '';
};

const statusOf = (error: object): number => {
  const metadata: unknown = Reflect.get(error, '$metadata');
  if (typeof metadata !== 'object' || metadata === null) return 0;
  const status: unknown = Reflect.get(metadata, 'httpStatusCode');
  return typeof status === 'number' ? status : 0;
};

/** Whether an AWS service did not answer, was busy or failed by its own fault, so that trying again makes sense. */
export const isUpstreamFault = (error: unknown): boolean =>
  error instanceof Error &&
  (NAMES.has(error.name) || CODES.has(textMember(error, 'code')) || statusOf(error) >= 500 || statusOf(error) === 429);
