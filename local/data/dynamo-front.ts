import { arns, type Cell } from '../../core/config/names.ts';
import type { Listening } from '../support/http.ts';
import { type FrontDeps, type FrontRequest, startAwsFront, type Wish } from './aws-front.ts';
import type { DynamoEngine } from './dynamo-engine.ts';

/** Largest request, in bytes (BatchWriteItem). Source: Amazon DynamoDB quotas. */
const MAX_BODY_BYTES = 16 * 1024 * 1024;

/** DynamoDB of one Region, on its own endpoint, over `engine`. */
export function startDynamoFront(
  options: { readonly cell: Cell; readonly engine: DynamoEngine },
  deps: FrontDeps,
): Promise<Listening> {
  const { cell, engine } = options;
  return startAwsFront(
    {
      service: 'dynamodb',
      region: cell.region,
      target: 'DynamoDB_20120810',
      contentType: 'application/x-amz-json-1.0',
      maxBodyBytes: MAX_BODY_BYTES,
      resource: (request) => tablesOf(request)[0] ?? '',
      wishes: (request) => wishesOf(cell, request),
      handle: ({ action, body }) => engine.call(action, body),
    },
    deps,
  );
}

/** IAM asks for the index's ARN when one is read, else for the table's. Source: Service Authorization Reference, DynamoDB. */
function wishesOf(cell: Cell, request: FrontRequest): readonly Wish[] {
  const action = `dynamodb:${request.action}`;
  const index = request.input['IndexName'];
  const tables = tablesOf(request);
  if (tables.length === 0) return [{ action, arn: '*' }];
  return tables.map((table) => ({
    action,
    arn: typeof index === 'string' ? arns.index(cell, table, index) : arns.table(cell, table),
  }));
}

function tablesOf({ input }: FrontRequest): readonly string[] {
  const { TableName, RequestItems } = input;
  if (typeof TableName === 'string') return [TableName];
  return typeof RequestItems === 'object' && RequestItems !== null ? Object.keys(RequestItems) : [];
}
