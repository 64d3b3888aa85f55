import { fault, notImplemented } from '../errors.ts';
import { createBucket } from '../operations/create-bucket.ts';
import { deleteBucket } from '../operations/delete-bucket.ts';
import { deleteObject } from '../operations/delete-object.ts';
import { getBucketCors } from '../operations/get-bucket-cors.ts';
import { getBucketLocation } from '../operations/get-bucket-location.ts';
import { getBucketVersioning } from '../operations/get-bucket-versioning.ts';
import { getObject } from '../operations/get-object.ts';
import { headBucket } from '../operations/head-bucket.ts';
import { headObject } from '../operations/head-object.ts';
import { listBuckets } from '../operations/list-buckets.ts';
import { listObjectVersions } from '../operations/list-object-versions.ts';
import { listObjectsV2 } from '../operations/list-objects-v2.ts';
import { putBucketCors } from '../operations/put-bucket-cors.ts';
import { putBucketVersioning } from '../operations/put-bucket-versioning.ts';
import { putObject } from '../operations/put-object.ts';
import type { Call, Operation } from './call.ts';

/** Parameters that make another operation of a request, whatever their value. Source: Amazon S3 API reference. */
const SUBRESOURCES: ReadonlySet<string> = new Set([
  'accelerate',
  'acl',
  'analytics',
  'attributes',
  'cors',
  'delete',
  'encryption',
  'intelligent-tiering',
  'inventory',
  'legal-hold',
  'lifecycle',
  'location',
  'logging',
  'metadataTable',
  'metrics',
  'notification',
  'object-lock',
  'ownershipControls',
  'policy',
  'policyStatus',
  'publicAccessBlock',
  'renameObject',
  'replication',
  'requestPayment',
  'restore',
  'retention',
  'select',
  'tagging',
  'torrent',
  'uploadId',
  'uploads',
  'versioning',
  'versions',
  'website',
]);

const BUCKET_OPERATIONS: Readonly<Record<string, Operation>> = {
  PUT: createBucket,
  HEAD: headBucket,
  DELETE: deleteBucket,
  'GET location': getBucketLocation,
  'GET versioning': getBucketVersioning,
  'PUT versioning': putBucketVersioning,
  'GET cors': getBucketCors,
  'PUT cors': putBucketCors,
  'GET versions': listObjectVersions,
};

const OBJECT_OPERATIONS: Readonly<Record<string, Operation>> = {
  PUT: putObject,
  GET: getObject,
  HEAD: headObject,
  DELETE: deleteObject,
};

/** The operation a request asks for; NotImplemented for one of S3's that is not here, MethodNotAllowed for none of S3's. */
export function routeOperation(call: Pick<Call, 'bucket' | 'key' | 'query' | 'header'>, method: string): Operation {
  const subresource = [...call.query.keys()].find((name) => SUBRESOURCES.has(name));
  const name = subresource === undefined ? method : `${method} ${subresource}`;
  if (!['GET', 'HEAD', 'PUT', 'POST', 'DELETE'].includes(method)) throw fault('MethodNotAllowed');
  if (call.bucket === '') {
    if (name === 'GET') return listBuckets;
    throw fault('MethodNotAllowed');
  }
  if (call.key === '') {
    if (name === 'GET' && call.query.get('list-type') === '2') return listObjectsV2;
    return BUCKET_OPERATIONS[name] ?? unknownOperation(`${name} on a bucket`);
  }
  if (call.header('x-amz-copy-source') !== undefined) throw notImplemented('x-amz-copy-source');
  return OBJECT_OPERATIONS[name] ?? unknownOperation(`${name} on an object`);
}

function unknownOperation(what: string): never {
  throw notImplemented(what);
}
