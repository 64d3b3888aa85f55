import { createHash } from 'node:crypto';
import { arns, OBJECT_PREFIX } from '../../../core/config/names.ts';
import { isJsonObject, type JsonObject } from '../../../core/identity/json-bytes.ts';
import { EXIT } from '../../exit.ts';
import type { UploadsBucket } from '../deployment/deployment.ts';
import { reasonOf } from '../registry/read-regions.ts';
import { type Operator, print } from './operator.ts';

/** Whether the statement is only shown, or written into the bucket policies. */
export type CutMode = 'print' | 'apply';

/** One name for each issuer, from letters and digits alone as policies want them. */
const sidOf = (issuer: string): string =>
  `NearputCutGrants${createHash('sha256').update(issuer).digest('hex').slice(0, 16)}`;

/**
 * Denies every presigned URL and form under an issuer's prefix, also those already handed out. Requests that sign their headers, as
 * nearput's own functions do, go on.
 */
const denyStatement = (issuer: string, bucket: string) => ({
  Sid: sidOf(issuer),
  Effect: 'Deny',
  Principal: '*',
  Action: 's3:*',
  Resource: arns.objects(bucket, `${OBJECT_PREFIX}${issuer}/*`),
  Condition: { StringEquals: { 's3:authType': ['REST-QUERY-STRING', 'POST'] } },
});

type BucketPolicy = JsonObject & { readonly Statement: readonly unknown[] };

const parsePolicy = (text: string | null): BucketPolicy => {
  const policy: unknown = text === null ? { Version: '2012-10-17' } : JSON.parse(text);
  if (!isJsonObject(policy)) throw new Error('the bucket policy is no JSON object');
  const { Statement: found = [] } = policy;
  return { ...policy, Statement: Array.isArray(found) ? found : [found] };
};

const change = async (
  bucket: UploadsBucket,
  edit: (statements: readonly unknown[]) => readonly unknown[],
): Promise<void> => {
  const policy = parsePolicy(await bucket.readPolicy());
  const statements = edit(policy.Statement);
  if (JSON.stringify(statements) === JSON.stringify(policy.Statement)) return;
  await bucket.writePolicy(statements.length === 0 ? null : JSON.stringify({ ...policy, Statement: statements }));
};

const isOf =
  (issuer: string) =>
  (statement: unknown): boolean =>
    isJsonObject(statement) && statement['Sid'] === sidOf(issuer);

const everywhere = async (
  operator: Operator,
  work: (bucket: UploadsBucket) => Promise<void>,
  done: string,
): Promise<number> => {
  let code: number = EXIT.done;
  for (const [region, bucket] of operator.deployment.uploads) {
    try {
      await work(bucket);
      operator.output.notice(`${region}: ${done} ${bucket.bucket}`);
    } catch (error) {
      operator.output.failure(new Error(`${region}: the policy of ${bucket.bucket} is as it was: ${reasonOf(error)}`));
      code = EXIT.failed;
    }
  }
  return code;
};

/** Shows or writes the statement that ends every grant of an issuer at once, in every Region. */
export const cutGrants = async (operator: Operator, issuer: string, mode: CutMode): Promise<number> => {
  if (mode === 'apply') {
    return everywhere(
      operator,
      (bucket) =>
        change(bucket, (statements) => [
          ...statements.filter((one) => !isOf(issuer)(one)),
          denyStatement(issuer, bucket.bucket),
        ]),
      'URLs handed out before are ended by the policy of',
    );
  }
  operator.output.notice(
    'URLs handed out before live on: to end them, add this statement to the policy of each bucket (--cut-grants apply does it):',
  );
  for (const [region, { bucket }] of operator.deployment.uploads) {
    const statement = denyStatement(issuer, bucket);
    print(operator, { region, bucket, statement }, JSON.stringify(statement));
  }
  return EXIT.done;
};

/** Takes the statement out of every bucket policy again. */
export const restoreGrants = (operator: Operator, issuer: string): Promise<number> =>
  everywhere(
    operator,
    (bucket) => change(bucket, (statements) => statements.filter((one) => !isOf(issuer)(one))),
    'URLs are let live again by the policy of',
  );
