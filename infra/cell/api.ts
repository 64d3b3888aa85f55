import {
  AccessLogField,
  AccessLogFormat,
  EndpointType,
  LambdaIntegration,
  LogGroupLogDestination,
  MethodLoggingLevel,
  ResponseType,
  RestApi,
} from 'aws-cdk-lib/aws-apigateway';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import {
  GATEWAY_PROBLEMS,
  type GatewayResponseType,
  gatewayBody,
  gatewayHeaders,
  gatewayStatus,
} from '../../core/config/gateway-responses.ts';
import { API_STAGE, type CellNames } from '../../core/config/names.ts';

/** The public regional API; every request is verified by the Lambda behind it. */
export const cellApi = (scope: Construct, names: CellNames, handler: IFunction): RestApi => {
  const accessLog = new LogGroup(scope, 'ApiAccessLog', {
    logGroupName: `/nearput/${names.api}-access`,
    retention: RetentionDays.THREE_MONTHS,
  });
  const api = new RestApi(scope, 'Api', {
    restApiName: names.api,
    endpointTypes: [EndpointType.REGIONAL],
    binaryMediaTypes: ['*/*'],
    cloudWatchRole: false,
    deployOptions: {
      stageName: API_STAGE,
      loggingLevel: MethodLoggingLevel.OFF,
      accessLogDestination: new LogGroupLogDestination(accessLog),
      accessLogFormat: AccessLogFormat.custom(
        JSON.stringify({
          requestId: AccessLogField.contextExtendedRequestId(),
          ip: AccessLogField.contextIdentitySourceIp(),
          method: AccessLogField.contextHttpMethod(),
          path: AccessLogField.contextPath(),
          status: AccessLogField.contextStatus(),
          ms: AccessLogField.contextResponseLatency(),
        }),
      ),
    },
    defaultIntegration: new LambdaIntegration(handler, { proxy: true }),
  });
  api.root.addProxy({ anyMethod: true });
  for (const type of Object.keys(GATEWAY_PROBLEMS) as GatewayResponseType[]) {
    const headers = Object.entries(gatewayHeaders(type)).map(([name, value]) => [name, `'${value}'`]);
    api.addGatewayResponse(type, {
      type: ResponseType.of(type),
      statusCode: String(gatewayStatus(type)),
      // A value in quotes is sent as it is; one without is a variable.
      responseHeaders: { ...Object.fromEntries(headers), 'x-request-id': 'context.extendedRequestId' },
      templates: { 'application/json': gatewayBody(type, '$context.extendedRequestId') },
    });
  }
  return api;
};
