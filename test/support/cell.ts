import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ListMultipartUploadsCommand, ListObjectVersionsCommand, ListPartsCommand, S3Client } from '@aws-sdk/client-s3';
import { DeleteCommand, DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import type { LocalJson } from './platform.ts';

/** A record as it lies in the table. */
export type TableItem = Readonly<Record<string, unknown>>;

/** Where an upload lies: the key of its object. */
export type ObjectKey = string;

/** `u/{issuerId}/{ownerKey}/{id}` to `{ownerKey}#{id}`. */
const recordKey = (key: ObjectKey): string => key.split('/').slice(2).join('#');

/** Looks into one Region of the platform past every gate, and changes records there, with the platform's own credentials. */
export const openCell = (platform: LocalJson, code: string) => {
  const region = platform.regions[code];
  if (region === undefined) throw new Error(`the platform has no Region ${code}`);
  const settings = { region: region.name, credentials: platform.admin };
  const s3 = new S3Client({ ...settings, endpoint: region.s3, forcePathStyle: true });
  const dynamodb = new DynamoDBClient({ ...settings, endpoint: region.dynamodb });
  const documents = DynamoDBDocumentClient.from(dynamodb);
  const { bucket: Bucket, table: TableName } = region;

  const item = async (key: ObjectKey): Promise<TableItem | undefined> =>
    (await documents.send(new GetCommand({ TableName, Key: { pk: recordKey(key) }, ConsistentRead: true }))).Item;

  return {
    item,
    replace: async (key: ObjectKey, members: TableItem): Promise<void> => {
      await documents.send(new PutCommand({ TableName, Item: { ...members, pk: recordKey(key) } }));
    },
    forget: async (key: ObjectKey): Promise<void> => {
      await documents.send(new DeleteCommand({ TableName, Key: { pk: recordKey(key) } }));
    },
    /** Everything there is of an upload: its record, every version of its object, every open upload of it with its parts. */
    everything: async (key: ObjectKey): Promise<object> => {
      const { Versions = [], DeleteMarkers = [] } = await s3.send(
        new ListObjectVersionsCommand({ Bucket, Prefix: key }),
      );
      const { Uploads = [] } = await s3.send(new ListMultipartUploadsCommand({ Bucket, Prefix: key }));
      const parts = await Promise.all(
        Uploads.map(async ({ UploadId }) => {
          const { Parts = [] } = await s3.send(new ListPartsCommand({ Bucket, Key: key, UploadId }));
          return { UploadId, Parts };
        }),
      );
      return { item: await item(key), Versions, DeleteMarkers, parts };
    },
    close: (): void => {
      s3.destroy();
      dynamodb.destroy();
    },
  };
};
export type OpenCell = ReturnType<typeof openCell>;
