import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { NodeHttpHandler } from '@smithy/node-http-handler';

/** Who calls AWS. */
export type Caller = {
  /** ARN of the user or assumed role; if STS does not answer, the access key, which AWS can trace. */
  readonly who: string;
  /** Twelve digits; `null` if STS does not answer. */
  readonly account: string | null;
};

const ATTEMPTS = 2;
const CONNECT_MS = 2_000;
const ANSWER_MS = 3_000;

/** A client that does not wait long: who asks for it may be in a hurry. */
export const createStsClient = (region: string): STSClient =>
  new STSClient({
    region,
    maxAttempts: ATTEMPTS,
    requestHandler: new NodeHttpHandler({
      connectionTimeout: CONNECT_MS,
      requestTimeout: ANSWER_MS,
      throwOnRequestTimeout: true,
    }),
  });

/**
 * Asks STS who the credentials belong to. STS in trouble must not keep anybody from cutting off an issuer, so then the access key id
 * stands in. Throws if there are no credentials.
 */
export const readCaller = async (client: STSClient, abortSignal: AbortSignal): Promise<Caller> => {
  const { accessKeyId } = await client.config.credentials();
  try {
    const { Arn, Account } = await client.send(new GetCallerIdentityCommand({}), { abortSignal });
    return { who: Arn ?? `access key ${accessKeyId}`, account: Account ?? null };
  } catch (error) {
    if (abortSignal.aborted) throw error;
    return { who: `access key ${accessKeyId} (STS did not answer)`, account: null };
  }
};
