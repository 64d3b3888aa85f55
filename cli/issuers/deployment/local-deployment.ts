import { LOCAL_ENV } from '../../../core/config/gate.ts';
import { LOCAL_ACCOUNT } from '../../../core/config/names.ts';
import { isJsonObject } from '../../../core/identity/json-bytes.ts';
import type { LocalPlatform } from '../../discover.ts';
import { UsageError } from '../../exit.ts';
import { openRegion } from './clients.ts';
import type { Deployment } from './deployment.ts';

/** Issuer strings of the platform's own test issuers begin so; publishing a folder must not take them away. */
const TEST_ISSUERS = 'https://issuer.nearput.test/';

const isTestIssuer = (entry: unknown): boolean => {
  const issuer = isJsonObject(entry) ? entry['issuer'] : undefined;
  return typeof issuer === 'string' && issuer.startsWith(TEST_ISSUERS);
};

/** The running local platform, with the admin credentials of its `local.json`. */
export const openLocalDeployment = (platform: LocalPlatform, signal: AbortSignal): Deployment => {
  const { regions, admin, edge } = platform;
  if (regions === undefined || admin === undefined) {
    throw new UsageError("the local platform's local.json has no Regions or no admin; start it anew with npm start");
  }
  const open = Object.entries(regions).map(([code, { name, s3, queueUrl }]) =>
    openRegion({
      code,
      cell: { env: LOCAL_ENV, account: LOCAL_ACCOUNT, region: name },
      signal,
      s3,
      sqs: new URL(queueUrl).origin,
      credentials: admin,
    }),
  );
  return {
    label: `the local platform at ${edge}`,
    regions: open.map(({ region }) => region),
    who: async () => `local admin ${admin.accessKeyId}`,
    allowLoopback: true,
    keeps: isTestIssuer,
    uploads: new Map(open.map(({ region, uploads }) => [region.code, uploads])),
    close: () => {
      for (const one of open) one.close();
    },
  };
};
