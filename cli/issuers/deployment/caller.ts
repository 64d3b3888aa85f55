import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';

/** Who calls AWS. */
export type Caller = {
  /** ARN of the user or assumed role; if STS does not answer, the access key, which AWS can trace. */
  readonly who: string;
  /** Twelve digits; `null` if STS does not answer. */
  readonly account: string | null;
};

const ATTEMPTS = 2;

/**
 * Asks STS who the credentials belong to. STS in trouble must not keep anybody from cutting off an issuer, so then the access key id
 * stands in. Throws if there are no credentials.
 */
export const readCaller = async (region: string, abortSignal: AbortSignal): Promise<Caller> => {
  const client = new STSClient({ region, maxAttempts: ATTEMPTS });
  try {
    const { accessKeyId } = await client.config.credentials();
    try {
      const { Arn, Account } = await client.send(new GetCallerIdentityCommand({}), { abortSignal });
      return { who: Arn ?? `access key ${accessKeyId}`, account: Account ?? null };
    } catch (error) {
      if (abortSignal.aborted) throw error;
      return { who: `access key ${accessKeyId} (STS did not answer)`, account: null };
    }
  } finally {
    client.destroy();
  }
};
