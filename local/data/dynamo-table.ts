import { TABLE } from '../../core/config/names.ts';
import type { DynamoEngine } from './dynamo-engine.ts';

/** Makes the record table with its two indexes, unless it is there. Throws what the engine answers otherwise. */
export async function ensureTable(engine: DynamoEngine, name: string): Promise<void> {
  const keys = [
    TABLE.partitionKey,
    TABLE.byOwner.partitionKey,
    TABLE.byOwner.sortKey,
    TABLE.due.partitionKey,
    TABLE.due.sortKey,
  ];
  const { status, body } = await engine.call(
    'CreateTable',
    JSON.stringify({
      TableName: name,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: keys.map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
      KeySchema: [{ AttributeName: TABLE.partitionKey, KeyType: 'HASH' }],
      GlobalSecondaryIndexes: [TABLE.byOwner, TABLE.due].map((index) => ({
        IndexName: index.name,
        KeySchema: [
          { AttributeName: index.partitionKey, KeyType: 'HASH' },
          { AttributeName: index.sortKey, KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'ALL' },
      })),
    }),
  );
  if (status !== 200 && !body.includes('ResourceInUseException'))
    throw new Error(`table ${name} was not made: ${body}`);
}
