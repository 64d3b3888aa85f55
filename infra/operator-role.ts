import { Duration } from 'aws-cdk-lib';
import { AccountRootPrincipal, Effect, PolicyDocument, PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { edgeNames } from '../core/config/names.ts';
import { operatorDenials, type RoleStatement, roleStatements } from '../core/config/roles.ts';
import type { DeploySettings } from './settings.ts';

const statement = (effect: Effect, { actions, resources }: RoleStatement): PolicyStatement =>
  new PolicyStatement({ effect, actions: [...actions], resources: [...resources] });

/**
 * The role of whoever publishes and revokes issuers, for all Regions. Whoever the account lets assume it may take it: that is decided where the
 * account keeps its people, not here.
 */
export const operatorRole = (scope: Construct, settings: DeploySettings): Role => {
  const { env, account, regions, defaultRegion } = settings;
  const roleScope = { env, account, region: defaultRegion.name, regions: regions.map(({ name }) => name) };
  return new Role(scope, 'Operator', {
    roleName: edgeNames(settings).operatorRole,
    description: `nearput ${env}: publishes and revokes issuers; reaches no upload`,
    assumedBy: new AccountRootPrincipal(),
    maxSessionDuration: Duration.hours(1),
    inlinePolicies: {
      issuers: new PolicyDocument({
        statements: [
          ...roleStatements('operator', roleScope).map((one) => statement(Effect.ALLOW, one)),
          ...operatorDenials(roleScope).map((one) => statement(Effect.DENY, one)),
        ],
      }),
    },
  });
};
