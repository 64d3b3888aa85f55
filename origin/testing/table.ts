import { CreateTableCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { recordTable } from '../../core/config/record-table.ts';

/** Makes a record table with both indexes. */
export const createTable = async (client: DynamoDBClient, name: string): Promise<void> => {
  await client.send(new CreateTableCommand(recordTable(name)));
};
