import type { SignedRequest } from '../core/objects/create-multipart.ts';
import type { SendHttp } from './http.ts';

/** Far more than S3 says about the uploads of one key. */
const ANSWER_MAX_BYTES = 64 * 1_024;

/** Sends a signed request to S3 and gives its answer's XML; rejects for every answer but 200, naming S3's error code. */
export const askS3 = async (http: SendHttp, request: SignedRequest, timeoutMs: number): Promise<string> => {
  if (timeoutMs < 1) throw new Error('no time was left to ask S3');
  const { status, body } = await http({ ...request, timeoutMs, maxBytes: ANSWER_MAX_BYTES });
  if (status === 200) return body;
  const [, code = 'without a code'] = /<Code>(\w{1,64})<\/Code>/.exec(body) ?? [];
  throw new Error(`S3 answered ${status} ${code}`);
};
