import { fileURLToPath } from 'node:url';
import { Duration, IgnoreMode, RemovalPolicy } from 'aws-cdk-lib';
import { Effect, type IPrincipal, PolicyDocument, PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import { type Architecture, Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { RoleStatement } from '../core/config/roles.ts';

const DIST = fileURLToPath(new URL('../dist/', import.meta.url));

export type BundleFunction = {
  readonly functionName: string;
  /** Folder under `dist/`. */
  readonly folder: 'edge' | 'origin';
  /** File in that folder without its ending. */
  readonly bundle: string;
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
  readonly architecture: Architecture;
  readonly statements: readonly RoleStatement[];
  readonly principal: IPrincipal;
  readonly environment?: Record<string, string>;
  /** Where log lines may be written; defaults to the function's own group. */
  readonly logResources?: readonly string[];
};

/** A Lambda of one built bundle, with a role of its own, a log group of its own, and nothing it was not given. */
export const bundleFunction = (scope: Construct, id: string, given: BundleFunction): LambdaFunction => {
  const logGroup = new LogGroup(scope, `${id}Logs`, {
    logGroupName: `/nearput/${given.functionName}`,
    retention: RetentionDays.THREE_MONTHS,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  const role = new Role(scope, `${id}Role`, {
    assumedBy: given.principal,
    inlinePolicies: {
      work: new PolicyDocument({
        statements: given.statements.map(
          ({ actions, resources }) =>
            new PolicyStatement({ effect: Effect.ALLOW, actions: [...actions], resources: [...resources] }),
        ),
      }),
      logs: new PolicyDocument({
        statements: [
          new PolicyStatement({
            actions: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'],
            resources: given.logResources === undefined ? [logGroup.logGroupArn] : [...given.logResources],
          }),
        ],
      }),
    },
  });
  return new LambdaFunction(scope, id, {
    functionName: given.functionName,
    runtime: Runtime.NODEJS_24_X,
    architecture: given.architecture,
    handler: `${given.bundle}.handler`,
    code: Code.fromAsset(`${DIST}${given.folder}`, {
      exclude: ['*', `!${given.bundle}.mjs`],
      ignoreMode: IgnoreMode.GIT,
    }),
    memorySize: given.memoryMb,
    timeout: Duration.seconds(given.timeoutSeconds),
    role: role.withoutPolicyUpdates(),
    logGroup,
    ...(given.environment === undefined ? {} : { environment: given.environment }),
  });
};
