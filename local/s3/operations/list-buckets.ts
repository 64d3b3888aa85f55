import { fault } from '../errors.ts';
import { type Operation, XML_TYPE } from '../http/call.ts';
import { branch, leaf, xmlDocument } from '../xml.ts';

/** ListBuckets: those of this Region's endpoint. */
export const listBuckets: Operation = async (call) => {
  if (!call.may('s3:ListAllMyBuckets')) throw fault('AccessDenied');
  const buckets = [...call.store.state.buckets.values()]
    .sort((a, b) => (a.record.name < b.record.name ? -1 : 1))
    .map(({ record }) =>
      branch(
        'Bucket',
        leaf('Name', record.name),
        leaf('CreationDate', new Date(record.createdAt).toISOString()),
        leaf('BucketRegion', call.region),
      ),
    );
  return {
    status: 200,
    headers: XML_TYPE,
    body: xmlDocument(
      'ListAllMyBucketsResult',
      branch('Owner', leaf('ID', call.account)),
      branch('Buckets', ...buckets),
    ),
  };
};
