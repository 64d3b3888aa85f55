type ServiceError = Error & {
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly $response?: { readonly headers?: Readonly<Record<string, string>> };
};

const isServiceError = (error: unknown): error is ServiceError => error instanceof Error && '$metadata' in error;

/** Whether S3 said that there is no such key or version. A HEAD has no body, so the status alone says it. */
export const isNoSuchKey = (error: unknown): boolean =>
  isServiceError(error) && (error.name === 'NoSuchKey' || error.name === 'NoSuchVersion' || error.name === 'NotFound');

/** Whether S3's 404 says that the latest version is a delete marker. */
export const isDeleteMarker = (error: unknown): boolean =>
  isServiceError(error) && error.$response?.headers?.['x-amz-delete-marker'] === 'true';

/** Whether a conditional read found nothing new. */
export const isNotModified = (error: unknown): boolean =>
  isServiceError(error) && error.$metadata?.httpStatusCode === 304;

/** Whether a conditional write lost against another one. */
export const isPreconditionFailed = (error: unknown): boolean =>
  isServiceError(error) && (error.$metadata?.httpStatusCode === 412 || error.name === 'ConditionalRequestConflict');

/** Whether S3 said that it has no such multipart upload open (any more) for this key. */
export const isNoSuchUpload = (error: unknown): boolean => isServiceError(error) && error.name === 'NoSuchUpload';

/** Whether S3 refused to complete an upload because a part is missing, another one by now, or out of order. */
export const isInvalidPart = (error: unknown): boolean =>
  isServiceError(error) && (error.name === 'InvalidPart' || error.name === 'InvalidPartOrder');

/** Whether S3 refused to complete an upload because a part that is not the last has less than 5 MiB. */
export const isEntityTooSmall = (error: unknown): boolean => isServiceError(error) && error.name === 'EntityTooSmall';

/** Whether S3 refused bytes because they have another checksum than was said of them. */
export const isBadDigest = (error: unknown): boolean => isServiceError(error) && error.name === 'BadDigest';
