import { collectFaults } from '../core/config/faults.ts';
import { ENV_NAME } from '../core/config/names.ts';
import { type AwsRegion, regionByCode } from '../core/config/regions.ts';
import { FUNCTIONS } from '../core/config/settings.ts';
import { EDGE, REGIONS_MAX, URL_EXPIRY_SECONDS } from '../core/contract/limits.ts';

/** What one deployment is, read from CDK context. */
export type DeploySettings = {
  readonly env: string;
  readonly account: string;
  readonly regions: readonly AwsRegion[];
  readonly defaultRegion: AwsRegion;
  /** Longest URL life in seconds. */
  readonly urlExpiry: number;
  /** Time limit of gate and API in seconds. */
  readonly functionTimeout: number;
  /** CIDR ranges that may call; empty: everybody. */
  readonly ipAllowList: readonly string[];
  /** CORS origins. */
  readonly allowedOrigins: readonly string[];
  readonly domainName: string | undefined;
  readonly certificateArn: string | undefined;
  /** Who is told of alarms; AWS asks each address to confirm. */
  readonly alarmEmails: readonly string[];
};

/** Account of a synthesis that no deployment follows. */
export const PLACEHOLDER_ACCOUNT = '123456789012';

const CIDR = /^(?:\d{1,3}\.){3}\d{1,3}\/\d{1,2}$|^[0-9a-f:]+\/\d{1,3}$/i;
const ORIGIN = /^https:\/\/[a-z0-9.-]+(?::\d+)?$/;
const DOMAIN = /^(?:[a-z0-9-]+\.)+[a-z]{2,}$/;
const EMAIL = /^[^\s@,]+@[^\s@,]+\.[^\s@,]+$/;
const CERTIFICATE = /^arn:aws:acm:us-east-1:\d{12}:certificate\/[0-9a-f-]+$/;

const KNOWN = [
  'env',
  'account',
  'regions',
  'defaultRegion',
  'urlExpiry',
  'functionTimeout',
  'ipAllowList',
  'allowedOrigins',
  'domainName',
  'certificateArn',
  'alarmEmails',
] as const;

/** Names of the context values this app reads. */
export type ContextName = (typeof KNOWN)[number];

/**
 * Reads the settings; all context values are strings, lists separated by commas. Throws `ConfigurationError` with every fault at once.
 */
export const parseSettings = (context: (name: ContextName) => unknown): DeploySettings => {
  const faults = collectFaults('The CDK context');
  const text = (name: ContextName, fallback = ''): string => {
    const value = context(name) ?? fallback;
    if (typeof value === 'string') return value.trim();
    faults.add(name, 'must be a string');
    return fallback;
  };
  const list = (name: ContextName, shape: RegExp, says: string): string[] => {
    const items = text(name)
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '');
    for (const item of items) if (!shape.test(item)) faults.add(name, `${JSON.stringify(item)} ${says}`);
    return items;
  };
  const whole = (name: ContextName, fallback: number, min: number, max: number): number => {
    const value = Number(text(name, String(fallback)));
    if (!Number.isInteger(value) || value < min || value > max)
      faults.add(name, `must be a whole number from ${min} to ${max}`);
    return value;
  };

  const env = text('env', 'prod');
  if (!ENV_NAME.test(env)) faults.add('env', 'must be 1 to 12 lower-case letters and digits and begin with a letter');
  const account = text('account', PLACEHOLDER_ACCOUNT);
  if (!/^\d{12}$/.test(account)) faults.add('account', 'must be the twelve digits of an AWS account');

  const codes = list('regions', /^[a-z0-9]+$/, 'is no Region code, such as euw1');
  const regions = codes.flatMap((code) => {
    const region = regionByCode(code);
    if (region === undefined) faults.add('regions', `${JSON.stringify(code)} is no Region nearput knows`);
    return region === undefined ? [] : [region];
  });
  if (codes.length === 0) faults.add('regions', 'must name at least one Region, such as euw1,use1');
  if (codes.length > REGIONS_MAX) faults.add('regions', `must name at most ${REGIONS_MAX} Regions`);
  if (new Set(codes).size < codes.length) faults.add('regions', 'must name each Region once');
  const defaultCode = text('defaultRegion', codes[0] ?? '');
  const defaultRegion = regions.find(({ code }) => code === defaultCode);
  if (codes.length > 0 && defaultRegion === undefined) faults.add('defaultRegion', 'must be one of regions');

  const domainName = text('domainName');
  const certificateArn = text('certificateArn');
  if (domainName !== '' && !DOMAIN.test(domainName)) faults.add('domainName', 'must be a host name');
  if (certificateArn !== '' && !CERTIFICATE.test(certificateArn))
    faults.add('certificateArn', 'must be the ARN of a certificate in us-east-1');
  if ((domainName === '') !== (certificateArn === '')) faults.add('domainName', 'and certificateArn go together');

  const settings = {
    env,
    account,
    regions,
    urlExpiry: whole('urlExpiry', URL_EXPIRY_SECONDS.default, URL_EXPIRY_SECONDS.min, URL_EXPIRY_SECONDS.max),
    functionTimeout: whole('functionTimeout', FUNCTIONS.gate.timeoutSeconds, 3, EDGE.timeoutSeconds),
    ipAllowList: list('ipAllowList', CIDR, 'is no CIDR range, such as 192.0.2.0/24'),
    allowedOrigins: list('allowedOrigins', ORIGIN, 'is no https origin, such as https://app.example'),
    domainName: domainName === '' ? undefined : domainName,
    certificateArn: certificateArn === '' ? undefined : certificateArn,
    alarmEmails: list('alarmEmails', EMAIL, 'is no e-mail address'),
  };
  faults.end();
  if (defaultRegion === undefined) throw new Error('no default Region although no fault was found');
  return { ...settings, defaultRegion };
};
