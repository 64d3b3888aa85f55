import { ENV_NAME } from '../../../core/config/names.ts';
import { type AwsRegion, regionByCode } from '../../../core/config/regions.ts';
import { UsageError } from '../../exit.ts';
import { type Caller, createStsClient, readCaller } from './caller.ts';
import { openRegion } from './clients.ts';
import type { Deployment, DeploymentOptions } from './deployment.ts';

const ACCOUNT = /^\d{12}$/;

const regionsOf = (text: string): readonly AwsRegion[] => {
  const codes = text.split(',').map((code) => code.trim());
  const regions = codes.map((code) => {
    const region = regionByCode(code);
    if (region === undefined) {
      throw new UsageError(
        `--regions names ${JSON.stringify(code)}: give codes such as euw1,use1, the primary Region first`,
      );
    }
    return region;
  });
  if (new Set(codes).size < codes.length) throw new UsageError('--regions names a Region twice');
  return regions;
};

const callerOf = async (region: string, signal: AbortSignal): Promise<Caller> => {
  const client = createStsClient(region);
  try {
    return await readCaller(client, signal);
  } finally {
    client.destroy();
  }
};

/** A deployment on AWS, by its names: `--env`, `--regions`, and `--account`, else the account of the caller's credentials. */
export const openAwsDeployment = async (options: DeploymentOptions, signal: AbortSignal): Promise<Deployment> => {
  const { env = '', regions = '', account: told } = options;
  if (!ENV_NAME.test(env))
    throw new UsageError('--env names the deployment, such as prod: lower-case letters and digits');
  if (regions === '')
    throw new UsageError('--regions is needed with --env: all Regions of the deployment, the primary one first');
  if (told !== undefined && !ACCOUNT.test(told))
    throw new UsageError('--account is the twelve digits of an AWS account');
  const places = regionsOf(regions);
  const [primary] = places;
  if (primary === undefined) throw new UsageError('--regions names no Region');
  const caller = await callerOf(primary.name, signal);
  const account = told ?? caller.account;
  if (account === null) throw new UsageError('STS does not answer, so the account is not known: give --account');
  const open = places.map(({ code, name }) => openRegion({ code, cell: { env, account, region: name }, signal }));
  return {
    label: `${env} in account ${account}: ${places.map(({ code }) => code).join(', ')}`,
    regions: open.map(({ region }) => region),
    who: async () => caller.who,
    allowLoopback: false,
    keeps: () => false,
    uploads: new Map(open.map(({ region, uploads }) => [region.code, uploads])),
    close: () => {
      for (const one of open) one.close();
    },
  };
};
