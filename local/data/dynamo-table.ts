import { recordTable } from '../../core/config/record-table.ts';
import type { DynamoEngine } from './dynamo-engine.ts';

/** Makes the record table with its two indexes, unless it is there. Throws what the engine answers otherwise. */
export async function ensureTable(engine: DynamoEngine, name: string): Promise<void> {
  const { status, body } = await engine.call('CreateTable', JSON.stringify(recordTable(name)));
  if (status !== 200 && !body.includes('ResourceInUseException'))
    throw new Error(`table ${name} was not made: ${body}`);
}
