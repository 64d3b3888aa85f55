import { fault, notImplemented } from '../errors.ts';
import { abortMultipartUpload } from '../operations/abort-multipart-upload.ts';
import { completeMultipartUpload } from '../operations/complete-multipart-upload.ts';
import { copyObject } from '../operations/copy-object.ts';
import { createBucket } from '../operations/create-bucket.ts';
import { createMultipartUpload } from '../operations/create-multipart-upload.ts';
import { deleteBucket } from '../operations/delete-bucket.ts';
import { deleteBucketLifecycle } from '../operations/delete-bucket-lifecycle.ts';
import { deleteBucketPolicy } from '../operations/delete-bucket-policy.ts';
import { deleteObject } from '../operations/delete-object.ts';
import { deleteObjectTagging } from '../operations/delete-object-tagging.ts';
import { deleteObjects } from '../operations/delete-objects.ts';
import { getBucketCors } from '../operations/get-bucket-cors.ts';
import { getBucketLifecycle } from '../operations/get-bucket-lifecycle.ts';
import { getBucketLocation } from '../operations/get-bucket-location.ts';
import { getBucketNotification } from '../operations/get-bucket-notification.ts';
import { getBucketPolicy } from '../operations/get-bucket-policy.ts';
import { getBucketVersioning } from '../operations/get-bucket-versioning.ts';
import { getObject } from '../operations/get-object.ts';
import { getObjectAttributes } from '../operations/get-object-attributes.ts';
import { getObjectTagging } from '../operations/get-object-tagging.ts';
import { headBucket } from '../operations/head-bucket.ts';
import { headObject } from '../operations/head-object.ts';
import { listBuckets } from '../operations/list-buckets.ts';
import { listMultipartUploads } from '../operations/list-multipart-uploads.ts';
import { listObjectVersions } from '../operations/list-object-versions.ts';
import { listObjectsV2 } from '../operations/list-objects-v2.ts';
import { argument } from '../operations/list-page.ts';
import { listParts } from '../operations/list-parts.ts';
import { putBucketCors } from '../operations/put-bucket-cors.ts';
import { putBucketLifecycle } from '../operations/put-bucket-lifecycle.ts';
import { putBucketNotification } from '../operations/put-bucket-notification.ts';
import { putBucketPolicy } from '../operations/put-bucket-policy.ts';
import { putBucketVersioning } from '../operations/put-bucket-versioning.ts';
import { putObject } from '../operations/put-object.ts';
import { putObjectTagging } from '../operations/put-object-tagging.ts';
import { uploadPart } from '../operations/upload-part.ts';
import { uploadPartCopy } from '../operations/upload-part-copy.ts';
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

/** What is here, by S3's names. */
const OPERATIONS = {
  AbortMultipartUpload: abortMultipartUpload,
  CompleteMultipartUpload: completeMultipartUpload,
  CopyObject: copyObject,
  CreateBucket: createBucket,
  CreateMultipartUpload: createMultipartUpload,
  DeleteBucket: deleteBucket,
  DeleteBucketLifecycle: deleteBucketLifecycle,
  DeleteBucketPolicy: deleteBucketPolicy,
  DeleteObject: deleteObject,
  DeleteObjects: deleteObjects,
  DeleteObjectTagging: deleteObjectTagging,
  GetBucketCors: getBucketCors,
  GetBucketLifecycleConfiguration: getBucketLifecycle,
  GetBucketLocation: getBucketLocation,
  GetBucketNotificationConfiguration: getBucketNotification,
  GetBucketPolicy: getBucketPolicy,
  GetBucketVersioning: getBucketVersioning,
  GetObject: getObject,
  GetObjectAttributes: getObjectAttributes,
  GetObjectTagging: getObjectTagging,
  HeadBucket: headBucket,
  HeadObject: headObject,
  ListBuckets: listBuckets,
  ListMultipartUploads: listMultipartUploads,
  ListObjectsV2: listObjectsV2,
  ListObjectVersions: listObjectVersions,
  ListParts: listParts,
  PutBucketCors: putBucketCors,
  PutBucketLifecycleConfiguration: putBucketLifecycle,
  PutBucketNotificationConfiguration: putBucketNotification,
  PutBucketPolicy: putBucketPolicy,
  PutBucketVersioning: putBucketVersioning,
  PutObject: putObject,
  PutObjectTagging: putObjectTagging,
  UploadPart: uploadPart,
  UploadPartCopy: uploadPartCopy,
} as const satisfies Readonly<Record<string, Operation>>;

export type OperationName = keyof typeof OPERATIONS | 'PostObject';
type SignedOperation = keyof typeof OPERATIONS;

/** By method and, where there is one, the parameter that decides. */
const BUCKET_OPERATIONS: Readonly<Record<string, SignedOperation>> = {
  PUT: 'CreateBucket',
  HEAD: 'HeadBucket',
  DELETE: 'DeleteBucket',
  'GET location': 'GetBucketLocation',
  'GET versioning': 'GetBucketVersioning',
  'PUT versioning': 'PutBucketVersioning',
  'GET cors': 'GetBucketCors',
  'PUT cors': 'PutBucketCors',
  'GET lifecycle': 'GetBucketLifecycleConfiguration',
  'PUT lifecycle': 'PutBucketLifecycleConfiguration',
  'DELETE lifecycle': 'DeleteBucketLifecycle',
  'GET notification': 'GetBucketNotificationConfiguration',
  'PUT notification': 'PutBucketNotificationConfiguration',
  'GET policy': 'GetBucketPolicy',
  'PUT policy': 'PutBucketPolicy',
  'DELETE policy': 'DeleteBucketPolicy',
  'GET versions': 'ListObjectVersions',
  'GET uploads': 'ListMultipartUploads',
  'POST delete': 'DeleteObjects',
};

const OBJECT_OPERATIONS: Readonly<Record<string, SignedOperation>> = {
  PUT: 'PutObject',
  GET: 'GetObject',
  HEAD: 'HeadObject',
  DELETE: 'DeleteObject',
  'POST uploads': 'CreateMultipartUpload',
  'PUT uploadId': 'UploadPart',
  'GET uploadId': 'ListParts',
  'POST uploadId': 'CompleteMultipartUpload',
  'DELETE uploadId': 'AbortMultipartUpload',
  'GET attributes': 'GetObjectAttributes',
  'GET tagging': 'GetObjectTagging',
  'PUT tagging': 'PutObjectTagging',
  'DELETE tagging': 'DeleteObjectTagging',
};

/** Whether a request is a browser's form, which is signed by one of its fields and not by its headers. */
export function isForm({ bucket, key, query }: Pick<Call, 'bucket' | 'key' | 'query'>, method: string): boolean {
  return method === 'POST' && bucket !== '' && key === '' && subresourceOf(query) === undefined;
}

/** The operation a request asks for; NotImplemented for one of S3's that is not here, MethodNotAllowed for none of S3's. */
export function routeOperation(
  call: Pick<Call, 'bucket' | 'key' | 'query' | 'header'>,
  method: string,
): { readonly name: SignedOperation; readonly run: Operation } {
  const name = nameOf(call, method);
  return { name, run: OPERATIONS[name] };
}

function nameOf(call: Pick<Call, 'bucket' | 'key' | 'query' | 'header'>, method: string): SignedOperation {
  const subresource = subresourceOf(call.query);
  const asked = subresource === undefined ? method : `${method} ${subresource}`;
  if (!['GET', 'HEAD', 'PUT', 'POST', 'DELETE'].includes(method)) throw fault('MethodNotAllowed');
  if (call.bucket === '') {
    if (asked === 'GET') return 'ListBuckets';
    throw fault('MethodNotAllowed');
  }
  if (call.key === '') {
    if (asked === 'GET' && call.query.get('list-type') === '2') return 'ListObjectsV2';
    return BUCKET_OPERATIONS[asked] ?? unknownOperation(`${asked} on a bucket`);
  }
  if (asked === 'PUT' && call.query.has('partNumber')) {
    throw argument(
      'partNumber',
      call.query.get('partNumber') ?? '',
      'This operation does not accept partNumber without uploadId',
    );
  }
  if (call.header('x-amz-copy-source') !== undefined) {
    if (asked === 'PUT') return 'CopyObject';
    if (asked === 'PUT uploadId') return 'UploadPartCopy';
    throw notImplemented('x-amz-copy-source');
  }
  return OBJECT_OPERATIONS[asked] ?? unknownOperation(`${asked} on an object`);
}

function subresourceOf(query: Call['query']): string | undefined {
  return [...query.keys()].find((name) => SUBRESOURCES.has(name));
}

function unknownOperation(what: string): never {
  throw notImplemented(what);
}
