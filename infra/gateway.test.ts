import { describe, expect, it } from 'vitest';
import { ACCOUNT, byType, type Json, one, synth } from './testing/templates.ts';

const templates = synth({ env: 'prod', account: ACCOUNT, regions: 'euw1,use1', allowedOrigins: 'https://app.example' });

describe('what API Gateway says by itself', () => {
  const responses = byType(
    templates.get('nearput-prod-cell-euw1') ?? { Resources: {} },
    'AWS::ApiGateway::GatewayResponse',
  );
  const properties = responses.map(([, resource]) => resource.Properties as unknown as Record<string, Json>);

  it.each([
    ['THROTTLED', '429', 'throttled'],
    ['REQUEST_TOO_LARGE', '413', 'body_too_large'],
    ['DEFAULT_4XX', '400', 'request_invalid'],
    ['DEFAULT_5XX', '503', 'upstream_unavailable'],
  ])('as %s is a problem, for pages too', (type, status, code) => {
    const found = properties.filter(({ ResponseType }) => String(ResponseType) === type);
    expect(found).toMatchObject([
      {
        StatusCode: status,
        ResponseParameters: {
          'gatewayresponse.header.content-type': "'application/problem+json'",
          'gatewayresponse.header.access-control-allow-origin': "'*'",
          'gatewayresponse.header.x-request-id': 'context.extendedRequestId',
        },
      },
    ]);
    const template = JSON.stringify(found[0]?.['ResponseTemplates']);
    expect(template).toContain(`urn:nearput:problem:${code}`);
    expect(template).toContain('$context.extendedRequestId');
  });
});

describe('paths without a gate', () => {
  it('come to the API without the configuration that only the gate takes off', () => {
    const [, { Properties }] = one(
      templates.get('nearput-prod-edge') ?? { Resources: {} },
      'AWS::CloudFront::Distribution',
    );
    const distribution = Properties['DistributionConfig'] as unknown as {
      Origins: { Id: string; OriginCustomHeaders?: unknown[] }[];
      DefaultCacheBehavior: { TargetOriginId: string; LambdaFunctionAssociations?: unknown[] };
      CacheBehaviors: { PathPattern: string; TargetOriginId: string; LambdaFunctionAssociations?: unknown[] }[];
    };
    const headersOf = (id: string) => distribution.Origins.find(({ Id }) => Id === id)?.OriginCustomHeaders;
    const { DefaultCacheBehavior, CacheBehaviors } = distribution;
    expect(DefaultCacheBehavior.LambdaFunctionAssociations).toBeUndefined();
    expect(headersOf(DefaultCacheBehavior.TargetOriginId)).toBeUndefined();
    expect(CacheBehaviors.map(({ PathPattern }) => PathPattern)).toEqual(['/v1/*']);
    expect(CacheBehaviors[0]?.LambdaFunctionAssociations).toHaveLength(1);
    expect(headersOf(CacheBehaviors[0]?.TargetOriginId ?? '')).toMatchObject([{ HeaderName: 'x-nearput-config-1' }]);
  });
});
