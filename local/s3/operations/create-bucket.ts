import { readXmlBody } from '../body/read-xml-body.ts';
import { fault } from '../errors.ts';
import type { Operation } from '../http/call.ts';
import { parseXml, texts } from '../xml.ts';
import { requireMay } from './find-bucket.ts';

/** CreateBucket: names are unique over all Regions of the platform. */
export const createBucket: Operation = async (call) => {
  requireMay(call, 's3:CreateBucket');
  const body = await readXmlBody(call);
  const { bucket: name, store, region } = call;
  if (!/^(?!xn--|\d+\.\d+\.\d+\.\d+$)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) || /\.\.|\.-|-\./.test(name)) {
    throw fault('InvalidBucketName', { details: { BucketName: name } });
  }
  if (body !== '') {
    const [asked = region] = texts(parseXml(body, 'CreateBucketConfiguration'), 'LocationConstraint');
    if (asked !== region) {
      throw fault('InvalidArgument', {
        message: 'The specified location-constraint is not valid',
        details: { LocationConstraint: asked },
      });
    }
  }
  if (call.placeOf(name)) throw fault('BucketAlreadyOwnedByYou', { details: { BucketName: name } });
  await store.commit([
    {
      op: 'bucket',
      bucket: { name, createdAt: call.now(), versioning: 'off', cors: [], notifications: [], lifecycle: [] },
    },
  ]);
  return { status: 200, headers: { location: `/${name}` } };
};
