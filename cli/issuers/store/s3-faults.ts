type ServiceFault = { readonly name: string; readonly status: number | undefined };

const faultOf = (error: unknown): ServiceFault | undefined => {
  if (!(error instanceof Error)) return undefined;
  const metadata = '$metadata' in error ? error.$metadata : undefined;
  const known = typeof metadata === 'object' && metadata !== null && 'httpStatusCode' in metadata;
  const status = known && typeof metadata.httpStatusCode === 'number' ? metadata.httpStatusCode : undefined;
  return { name: error.name, status };
};

/** S3 has no object of this key. */
export const isNoSuchKey = (error: unknown): boolean => faultOf(error)?.name === 'NoSuchKey';

/** The condition of a write did not hold: the object changed (412), is being changed (409) or is gone (404 to If-Match). */
export const isWriteConflict = (error: unknown): boolean => {
  const fault = faultOf(error);
  return fault?.status === 412 || fault?.status === 409 || fault?.name === 'NoSuchKey';
};

/** Nobody answered, or a server in trouble did; anything else is an answer that asking again will not change. */
export const isUnreachable = (error: unknown): boolean => {
  const status = faultOf(error)?.status;
  return status === undefined || status >= 500;
};
