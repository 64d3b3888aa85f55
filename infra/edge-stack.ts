import { Duration, Fn, Stack } from 'aws-cdk-lib';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import {
  AllowedMethods,
  type BehaviorOptions,
  CachePolicy,
  Distribution,
  HttpVersion,
  type IOrigin,
  LambdaEdgeEventType,
  OriginProtocolPolicy,
  OriginRequestPolicy,
  OriginSslPolicy,
  SecurityPolicyProtocol,
  ViewerProtocolPolicy,
} from 'aws-cdk-lib/aws-cloudfront';
import { HttpOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import { CompositePrincipal, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, type IVersion } from 'aws-cdk-lib/aws-lambda';
import { CfnIPSet, CfnWebACL } from 'aws-cdk-lib/aws-wafv2';
import type { Construct } from 'constructs';
import { configHeaderNames, type GateConfig, splitGateConfig } from '../core/config/gate.ts';
import { API_STAGE, cellNames, edgeNames, queueUrl } from '../core/config/names.ts';
import { roleStatements } from '../core/config/roles.ts';
import { FUNCTIONS } from '../core/config/settings.ts';
import type { CellStack } from './cell-stack.ts';
import { bundleFunction } from './functions.ts';
import { operatorRole } from './operator-role.ts';
import type { DeploySettings } from './settings.ts';

/** Lambda@Edge and everything of a distribution live here. */
export const EDGE_REGION = 'us-east-1';

/** The gate's configuration; API hosts are known only when the cells are deployed. */
export const gateConfigOf = (settings: DeploySettings, cells: readonly CellStack[]): GateConfig => ({
  v: 1,
  env: settings.env,
  defaultRegion: settings.defaultRegion.code,
  regions: Object.fromEntries(
    cells.map(({ region, apiHost }) => {
      const cell = { env: settings.env, account: settings.account, region: region.name };
      const names = cellNames(cell);
      return [
        region.code,
        {
          name: region.name,
          bucket: names.bucket,
          registryBucket: names.registryBucket,
          queueUrl: queueUrl(cell, names.eventsQueue),
          refreshQueueUrl: queueUrl(cell, names.refreshQueue),
          apiHost,
          apiPath: `/${API_STAGE}`,
          lat: region.lat,
          lon: region.lon,
        },
      ];
    }),
  ),
  corsOrigins: [...settings.allowedOrigins],
  urlExpiry: settings.urlExpiry,
});

const gateVersion = (stack: Stack, settings: DeploySettings): IVersion =>
  bundleFunction(stack, 'Gate', {
    functionName: edgeNames(settings).gate,
    folder: 'edge',
    bundle: 'gate',
    memoryMb: FUNCTIONS.gate.memoryMb,
    timeoutSeconds: settings.functionTimeout,
    architecture: Architecture.X86_64,
    principal: new CompositePrincipal(
      new ServicePrincipal('lambda.amazonaws.com'),
      new ServicePrincipal('edgelambda.amazonaws.com'),
    ),
    statements: roleStatements('gate', {
      env: settings.env,
      account: settings.account,
      region: EDGE_REGION,
      regions: settings.regions.map(({ name }) => name),
    }),
    logResources: [
      `arn:aws:logs:*:${settings.account}:log-group:/nearput/*`,
      `arn:aws:logs:*:${settings.account}:log-group:/aws/lambda/*`,
    ],
  }).currentVersion;

/** The gate's configuration as origin custom headers; only the gate's own behaviour carries them, and the gate takes them off. */
const configHeaders = (settings: DeploySettings, cells: readonly CellStack[]): Record<string, string> => {
  const names = configHeaderNames();
  return Object.fromEntries(
    splitGateConfig(gateConfigOf(settings, cells)).map((piece, index) => [names[index] ?? '', Fn.base64(piece)]),
  );
};

const originOf = (
  settings: DeploySettings,
  cells: readonly CellStack[],
  customHeaders: Record<string, string> = {},
): IOrigin => {
  const home = cells.find(({ region }) => region.code === settings.defaultRegion.code);
  if (home === undefined) throw new Error('the default Region has no cell');
  return new HttpOrigin(home.apiHost, {
    originPath: `/${API_STAGE}`,
    protocolPolicy: OriginProtocolPolicy.HTTPS_ONLY,
    originSslProtocols: [OriginSslPolicy.TLS_V1_2],
    connectionAttempts: 1,
    connectionTimeout: Duration.seconds(2),
    readTimeout: Duration.seconds(30),
    keepaliveTimeout: Duration.seconds(60),
    customHeaders,
  });
};

const allowListAcl = (stack: Stack, ranges: readonly string[]): string | undefined => {
  if (ranges.length === 0) return undefined;
  const visibility = (metricName: string) => ({
    cloudWatchMetricsEnabled: true,
    sampledRequestsEnabled: true,
    metricName,
  });
  const rules = (['IPV4', 'IPV6'] as const).flatMap((family, priority) => {
    const addresses = ranges.filter((range) => range.includes(':') === (family === 'IPV6'));
    if (addresses.length === 0) return [];
    const set = new CfnIPSet(stack, `Allowed${family}`, { addresses, ipAddressVersion: family, scope: 'CLOUDFRONT' });
    return [
      {
        name: `allow-${family.toLowerCase()}`,
        priority,
        action: { allow: {} },
        statement: { ipSetReferenceStatement: { arn: set.attrArn } },
        visibilityConfig: visibility(`allow-${family}`),
      },
    ];
  });
  return new CfnWebACL(stack, 'AllowList', {
    scope: 'CLOUDFRONT',
    defaultAction: { block: {} },
    rules,
    visibilityConfig: visibility('nearput-allow-list'),
  }).attrArn;
};

/** Builds the stack that serves all cells: the gate, the distribution in front of it, and the role of operators. */
export const edgeStack = (scope: Construct, settings: DeploySettings, cells: readonly CellStack[]): Stack => {
  const stack = new Stack(scope, `nearput-${settings.env}-edge`, {
    env: { account: settings.account, region: EDGE_REGION },
    description: `nearput ${settings.env}: distribution, gate and operators`,
  });
  operatorRole(stack, settings);
  const uncached: BehaviorOptions = {
    // Paths outside the gate's behaviour meet the API as any caller of its public address does: it knows none of them.
    origin: originOf(settings, cells),
    allowedMethods: AllowedMethods.ALLOW_ALL,
    cachePolicy: CachePolicy.CACHING_DISABLED,
    originRequestPolicy: OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
    viewerProtocolPolicy: ViewerProtocolPolicy.HTTPS_ONLY,
    compress: false,
  };
  const webAclId = allowListAcl(stack, settings.ipAllowList);
  new Distribution(stack, 'Distribution', {
    comment: `nearput ${settings.env}`,
    httpVersion: HttpVersion.HTTP2_AND_3,
    ...(webAclId === undefined ? {} : { webAclId }),
    ...(settings.domainName === undefined || settings.certificateArn === undefined
      ? {}
      : {
          domainNames: [settings.domainName],
          certificate: Certificate.fromCertificateArn(stack, 'Certificate', settings.certificateArn),
          minimumProtocolVersion: SecurityPolicyProtocol.TLS_V1_2_2021,
        }),
    defaultBehavior: { ...uncached, allowedMethods: AllowedMethods.ALLOW_GET_HEAD },
    additionalBehaviors: {
      '/v1/*': {
        ...uncached,
        origin: originOf(settings, cells, configHeaders(settings, cells)),
        edgeLambdas: [
          {
            functionVersion: gateVersion(stack, settings),
            eventType: LambdaEdgeEventType.ORIGIN_REQUEST,
            includeBody: true,
          },
        ],
      },
    },
  });
  return stack;
};
