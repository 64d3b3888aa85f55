import { hash } from 'node:crypto';

/** Name of the algorithm, in the string to sign, in queries and in the Authorization header. */
export const ALGORITHM = 'AWS4-HMAC-SHA256';

/**
 * Time of signing as `YYYYMMDD'T'HHMMSS'Z'`, cut to the second; `now` in milliseconds since 1970.
 * Throws a RangeError for a time outside the years 1970–9999.
 */
export const amzDate = (now: number): string => {
  if (!(now >= 0 && now < 253_402_300_800_000)) throw new RangeError(`time of signing ${now} is not a valid time`);
  const iso = new Date(now).toISOString();
  return `${iso.slice(0, 4)}${iso.slice(5, 7)}${iso.slice(8, 13)}${iso.slice(14, 16)}${iso.slice(17, 19)}Z`;
};

/** CredentialScope: `YYYYMMDD/region/service/aws4_request`. */
export const credentialScope = (date: string, region: string, service: string): string =>
  `${date.slice(0, 8)}/${region}/${service}/aws4_request`;

/** StringToSign: algorithm, time, scope and the hash of the canonical request. */
export const stringToSign = (date: string, scope: string, canonicalRequest: string): string =>
  `${ALGORITHM}\n${date}\n${scope}\n${hash('sha256', canonicalRequest, 'hex')}`;
