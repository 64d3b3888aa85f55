import { LOCAL_ENV } from '../../../core/config/gate.ts';
import { edgeNames, LOCAL_ACCOUNT } from '../../../core/config/names.ts';
import { isJsonObject } from '../../../core/identity/json-bytes.ts';
import type { LocalPlatform } from '../../discover.ts';
import { UsageError } from '../../exit.ts';
import { openRegion } from './clients.ts';
import type { Deployment } from './deployment.ts';

/** Issuer strings of the platform's own test issuers begin so. */
const TEST_ISSUERS = 'https://issuer.nearput.test/';

/** The platform's own entries, which publishing a folder must not take away: the test issuers, and those of `npm start -- --issuers DIR`. */
const isOwn =
  (addedIssuers: readonly string[]) =>
  (entry: unknown): boolean => {
    const { id, issuer } = isJsonObject(entry) ? entry : {};
    if (typeof issuer === 'string' && issuer.startsWith(TEST_ISSUERS)) return true;
    return typeof id === 'string' && addedIssuers.includes(id);
  };

/** The ARN STS would give for the role that the platform has for operators. */
const OPERATOR_ARN = `arn:aws:sts::${LOCAL_ACCOUNT}:assumed-role/${edgeNames({ env: LOCAL_ENV, account: LOCAL_ACCOUNT }).operatorRole}/local`;

/** The running local platform, by the operator's role in its `local.json`: what works here fits into that role on AWS. */
export const openLocalDeployment = (platform: LocalPlatform, signal: AbortSignal): Deployment => {
  const { regions, operator, edge, addedIssuers = [] } = platform;
  if (regions === undefined || operator === undefined) {
    throw new UsageError("the local platform's local.json has no Regions or no operator; start it anew with npm start");
  }
  const open = Object.entries(regions).map(([code, { name, s3, queueUrl }]) =>
    openRegion({
      code,
      cell: { env: LOCAL_ENV, account: LOCAL_ACCOUNT, region: name },
      signal,
      s3,
      sqs: new URL(queueUrl).origin,
      credentials: operator,
    }),
  );
  return {
    label: `the local platform at ${edge}`,
    regions: open.map(({ region }) => region),
    who: async () => OPERATOR_ARN,
    allowLoopback: true,
    keeps: isOwn(addedIssuers),
    uploads: new Map(open.map(({ region, uploads }) => [region.code, uploads])),
    close: () => {
      for (const one of open) one.close();
    },
  };
};
