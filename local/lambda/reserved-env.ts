/** What the Lambda service itself sets in every instance; for an edge function it is the whole environment. */
export type ReservedEnvOptions = {
  /** Function name; an edge function's replica is `us-east-1.{name}`. */
  readonly name: string;
  /** Region the instance runs in. */
  readonly region: string;
  readonly memoryMb: number;
  readonly credentials: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken: string | null;
  };
};

/** The reserved `AWS_*` environment variables. Source: AWS Lambda, "Defined runtime environment variables". */
export const reservedEnv = ({ name, region, memoryMb, credentials }: ReservedEnvOptions): Record<string, string> => ({
  AWS_REGION: region,
  AWS_DEFAULT_REGION: region,
  AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
  AWS_LAMBDA_FUNCTION_NAME: name,
  AWS_LAMBDA_FUNCTION_VERSION: '1',
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMb),
  AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
  AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${name}`,
  AWS_LAMBDA_LOG_STREAM_NAME: 'local',
  AWS_ACCESS_KEY_ID: credentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  ...(credentials.sessionToken === null ? {} : { AWS_SESSION_TOKEN: credentials.sessionToken }),
});
