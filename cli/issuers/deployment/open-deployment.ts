import { findLocalPlatform } from '../../discover.ts';
import { UsageError } from '../../exit.ts';
import type { Environment } from '../../session.ts';
import { openAwsDeployment } from './aws-deployment.ts';
import type { Deployment, DeploymentOptions } from './deployment.ts';
import { openLocalDeployment } from './local-deployment.ts';

const NO_DEPLOYMENT =
  'no deployment: give --env and --regions, or start the local platform with npm start and call this from its folder';

/** Opens what `--env` and `--regions` name, else the local platform of `--data`, `NEARPUT_DATA` or the folders above; says which. */
export const openDeployment = async (
  options: DeploymentOptions,
  environment: Environment,
  signal: AbortSignal,
): Promise<Deployment> => {
  const isAws = options.env !== undefined || options.regions !== undefined || options.account !== undefined;
  if (isAws && options.data !== undefined) throw new UsageError('give --env and --regions, or --data, not both');
  const deployment = isAws ? await openAwsDeployment(options, signal) : openFound(options, environment, signal);
  environment.notice(`registry of ${deployment.label}`);
  return deployment;
};

const openFound = ({ data }: DeploymentOptions, { env, cwd }: Environment, signal: AbortSignal): Deployment => {
  const platform = findLocalPlatform({ data: data ?? env['NEARPUT_DATA'], from: cwd });
  if (platform === undefined) throw new UsageError(NO_DEPLOYMENT);
  return openLocalDeployment(platform, signal);
};
