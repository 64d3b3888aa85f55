import type { IncomingMessage } from 'node:http';
import { isDisallowed } from './headers.ts';
import type { CfCustomOrigin, CfHeaders, CfRequest, FrontDoorOptions } from './types.ts';
import type { Viewer } from './viewer.ts';

const SIM_VIEWER = 'x-sim-viewer';
/** CloudFront's own header on the way to an origin, so loops can be seen. */
const VIA = '00000000000000000000000000000000.cloudfront.net (CloudFront)';

/** The configured origin as the event shows it. */
export const customOrigin = (options: FrontDoorOptions['origin']): CfCustomOrigin => ({
  customHeaders: Object.fromEntries(
    Object.entries(options.customHeaders).map(([name, value]) => [name.toLowerCase(), [{ key: name, value }]]),
  ),
  domainName: options.domainName,
  keepaliveTimeout: 5,
  path: options.path,
  port: 443,
  protocol: 'https',
  readTimeout: 30,
  responseCompletionTimeout: 0,
  sslProtocols: ['TLSv1.2'],
});

/**
 * The viewer's headers as an origin-request function sees them under AllViewerExceptHostHeader: all but the disallowed
 * ones, `Host` replaced by the origin's, CloudFront's own added and never taken from the client. A name that is also an
 * origin custom header is left out: CloudFront overwrites it.
 */
export const eventHeaders = (
  request: IncomingMessage,
  viewer: Viewer,
  origin: CfCustomOrigin,
  ip: string,
): CfHeaders => {
  const headers: CfHeaders = { host: [{ key: 'Host', value: origin.domainName }] };
  const { rawHeaders } = request;
  let forwarded = '';
  let via = '';
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const key = rawHeaders[at] ?? '';
    const value = rawHeaders[at + 1] ?? '';
    const name = key.toLowerCase();
    if (name === 'host' || name === SIM_VIEWER || name.startsWith('cloudfront-') || isDisallowed(name)) continue;
    if (name === 'x-forwarded-for') forwarded += `${value}, `;
    else if (name === 'via') via += `${value}, `;
    else if (!Object.hasOwn(origin.customHeaders, name)) {
      const entries = Object.hasOwn(headers, name) ? headers[name] : undefined;
      if (entries === undefined) headers[name] = [{ key, value }];
      else entries.push({ key, value });
    }
  }
  const add = (key: string, value: string) => {
    headers[key.toLowerCase()] = [{ key, value }];
  };
  add('X-Forwarded-For', forwarded + ip);
  add('Via', `${via}${request.httpVersion} ${VIA}`);
  add('CloudFront-Forwarded-Proto', 'https');
  add('CloudFront-Viewer-HTTP-Version', request.httpVersion);
  add('CloudFront-Viewer-TLS', 'TLSv1.3:TLS_AES_128_GCM_SHA256:fullHandshake');
  add('CloudFront-Viewer-Address', `${ip}:${request.socket.remotePort ?? 0}`);
  add('CloudFront-Viewer-ASN', '64496');
  add('CloudFront-Is-Desktop-Viewer', 'true');
  add('CloudFront-Is-Mobile-Viewer', 'false');
  add('CloudFront-Is-SmartTV-Viewer', 'false');
  add('CloudFront-Is-Tablet-Viewer', 'false');
  for (const [name, value] of viewer.headers) add(name, value);
  return headers;
};

/** The whole origin-request event. Source: CloudFront developer guide, "Lambda@Edge event structure". */
export const originRequestEvent = (
  distribution: FrontDoorOptions['distribution'],
  requestId: string,
  request: CfRequest,
) => ({
  Records: [
    {
      cf: {
        config: {
          distributionDomainName: distribution.domainName,
          distributionId: distribution.id,
          eventType: 'origin-request',
          requestId,
        },
        request,
      },
    },
  ],
});
