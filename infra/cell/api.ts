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
import { API_STAGE, type CellNames } from '../../core/config/names.ts';
import { PROBLEMS, type ProblemCode, problemType } from '../../core/contract/problems.ts';

/** A problem that API Gateway itself answers, before any of our code runs. */
const gatewayProblem = (code: ProblemCode, detail: string): string =>
  JSON.stringify({
    type: problemType(code),
    title: PROBLEMS[code].title,
    status: PROBLEMS[code].status,
    code,
    detail,
    requestId: '$context.extendedRequestId',
  });

const GATEWAY_PROBLEMS: [string, ResponseType, ProblemCode, string][] = [
  ['TooLarge', ResponseType.REQUEST_TOO_LARGE, 'body_too_large', 'Send a smaller body.'],
  ['Throttled', ResponseType.THROTTLED, 'throttled', 'Ask again after a pause.'],
  ['Quota', ResponseType.QUOTA_EXCEEDED, 'throttled', 'Ask again after a pause.'],
  ['Timeout', ResponseType.INTEGRATION_TIMEOUT, 'upstream_unavailable', 'Ask again after a pause.'],
  ['Failure', ResponseType.INTEGRATION_FAILURE, 'upstream_unavailable', 'Ask again after a pause.'],
];

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
  for (const [id, type, code, detail] of GATEWAY_PROBLEMS) {
    api.addGatewayResponse(id, {
      type,
      statusCode: String(PROBLEMS[code].status),
      responseHeaders: {
        'cache-control': "'no-store'",
        ...(PROBLEMS[code].status === 413 ? {} : { 'retry-after': "'1'" }),
      },
      templates: { 'application/json': gatewayProblem(code, detail) },
    });
  }
  return api;
};
