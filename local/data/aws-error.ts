/** A refusal as an AWS JSON service words it. */
export interface AwsError {
  readonly status: number;
  /** Without its namespace, such as `AccessDeniedException`. */
  readonly code: string;
  readonly message: string;
}

type Service = 'sqs' | 'dynamodb';

/** Shape names that live in the common namespace of all services. */
const COMMON = 'com.amazon.coral.service#';
const NAMESPACE: Readonly<Record<Service, string>> = {
  sqs: 'com.amazonaws.sqs#',
  dynamodb: 'com.amazonaws.dynamodb.v20120810#',
};

/** How each service names what is wrong with a signature; keys are S3's codes, which the verifier speaks. */
const SIGNATURE_CODES: Readonly<Record<string, Readonly<Record<Service, readonly [status: number, code: string]>>>> = {
  SignatureDoesNotMatch: { sqs: [403, 'SignatureDoesNotMatch'], dynamodb: [400, 'InvalidSignatureException'] },
  RequestTimeTooSkewed: { sqs: [403, 'SignatureDoesNotMatch'], dynamodb: [400, 'InvalidSignatureException'] },
  InvalidAccessKeyId: { sqs: [403, 'InvalidClientTokenId'], dynamodb: [400, 'UnrecognizedClientException'] },
  InvalidToken: { sqs: [403, 'InvalidClientTokenId'], dynamodb: [400, 'UnrecognizedClientException'] },
  ExpiredToken: { sqs: [403, 'ExpiredToken'], dynamodb: [400, 'ExpiredTokenException'] },
  AccessDenied: {
    sqs: [403, 'MissingAuthenticationToken'],
    dynamodb: [400, 'MissingAuthenticationTokenException'],
  },
};

/** A verifier's refusal in the words of `service`. */
export function signatureError(
  service: Service,
  refusal: { readonly code: string; readonly message: string },
): AwsError {
  const known = SIGNATURE_CODES[refusal.code]?.[service];
  if (known) return { status: known[0], code: known[1], message: refusal.message };
  const code = service === 'sqs' ? 'IncompleteSignature' : 'IncompleteSignatureException';
  return { status: 400, code, message: refusal.message };
}

/** The role has no statement for this action on this resource. */
export function notAuthorized(service: Service, role: string, action: string, arn: string): AwsError {
  return {
    status: service === 'sqs' ? 403 : 400,
    code: service === 'sqs' ? 'AccessDenied' : 'AccessDeniedException',
    message: `User: ${role} is not authorized to perform: ${action} on resource: ${arn} because no identity-based policy allows the ${action} action`,
  };
}

/** Headers and JSON body of an error answer. */
export function formatAwsError(
  service: Service,
  error: AwsError,
): { headers: Readonly<Record<string, string>>; body: { __type: string; message: string } } {
  const shared = service === 'dynamodb' && error.code !== 'InternalServerError' && /Exception$/.test(error.code);
  const body = { __type: `${shared ? COMMON : NAMESPACE[service]}${error.code}`, message: error.message };
  const fault = error.status < 500 ? 'Sender' : 'Receiver';
  return {
    headers: service === 'sqs' ? { 'x-amzn-query-error': `${error.code};${fault}` } : {},
    body,
  };
}
