import type { ProblemBody, ProblemCode, ProblemFault } from '../core/contract/problems.ts';

/** The gateway refused: a problem of its contract. */
export class NearputError extends Error {
  readonly code: ProblemCode;
  readonly status: number;
  readonly detail: string;
  readonly requestId: string;
  readonly errors: readonly ProblemFault[];

  constructor(problem: ProblemBody) {
    super(`${problem.code}: ${problem.detail}`);
    this.name = 'NearputError';
    this.code = problem.code;
    this.status = problem.status;
    this.detail = problem.detail;
    this.requestId = problem.requestId;
    this.errors = problem.errors ?? [];
  }
}

/** S3 refused the bytes; `code` is S3's own, such as `AccessDenied`, or `unknown`. */
export class StorageError extends Error {
  readonly code: string;
  readonly status: number;
  readonly requestId: string;

  constructor(status: number, code: string, message: string, requestId: string) {
    super(`${code}: ${message}`);
    this.name = 'StorageError';
    this.code = code;
    this.status = status;
    this.requestId = requestId;
  }
}

/** Something between client and gateway answered that is neither, such as CloudFront's own 503. */
export class UnexpectedAnswerError extends Error {
  readonly status: number;

  constructor(status: number, url: string) {
    super(`${url} answered ${status} without a problem document; an intermediary may be at fault`);
    this.name = 'UnexpectedAnswerError';
    this.status = status;
  }
}

/** Why no answer came. */
export type ConnectionFailure = 'connect' | 'reset' | 'timeout';

/** No answer came at all. */
export class ConnectionError extends Error {
  readonly failure: ConnectionFailure;

  constructor(failure: ConnectionFailure, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'ConnectionError';
    this.failure = failure;
  }
}

/** What S3 recorded differs from what was read here. */
export class ContentError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ContentError';
  }
}

/** The upload was cancelled by its own handle. */
export class CancelledError extends Error {
  constructor() {
    super('the upload was cancelled');
    this.name = 'CancelledError';
  }
}

/** The S3 of the chosen Region gave no answer before anything was stored; the upload may go elsewhere. Never leaves the SDK. */
export class RegionSilentError extends Error {
  /** Whether all bytes were taken, so that S3 may have them although no answer came. */
  readonly maybeStored: boolean;

  constructor(cause: unknown, maybeStored: boolean) {
    super('the S3 of this Region does not answer', { cause });
    this.name = 'RegionSilentError';
    this.maybeStored = maybeStored;
  }
}
