import { TABLE } from './names.ts';

const KEYS = [
  TABLE.partitionKey,
  TABLE.byOwner.partitionKey,
  TABLE.byOwner.sortKey,
  TABLE.due.partitionKey,
  TABLE.due.sortKey,
];

/** The record table with its two indexes, as CreateTable takes it. On AWS CloudFormation makes the same, with what a deployment adds. */
export const recordTable = (name: string) => ({
  TableName: name,
  BillingMode: 'PAY_PER_REQUEST' as const,
  AttributeDefinitions: KEYS.map((AttributeName) => ({ AttributeName, AttributeType: 'S' as const })),
  KeySchema: [{ AttributeName: TABLE.partitionKey, KeyType: 'HASH' as const }],
  GlobalSecondaryIndexes: [TABLE.byOwner, TABLE.due].map((index) => ({
    IndexName: index.name,
    KeySchema: [
      { AttributeName: index.partitionKey, KeyType: 'HASH' as const },
      { AttributeName: index.sortKey, KeyType: 'RANGE' as const },
    ],
    Projection: { ProjectionType: 'ALL' as const },
  })),
});
