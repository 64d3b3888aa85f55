import { randomBytes, randomUUID } from 'node:crypto';
import { createCloudFrontHandler } from './cloudfront.ts';
import { createGate } from './gate.ts';
import { createHttp } from './http.ts';

/** Set by the build from package.json. */
declare const __VERSION__: string;

const now = (): number => Date.now();

/** Lambda@Edge has no environment of ours; these are the reserved variables that the service itself sets. */
const { AWS_REGION = '', AWS_ACCESS_KEY_ID = '', AWS_SECRET_ACCESS_KEY = '', AWS_SESSION_TOKEN } = process.env;

const gate = createGate({
  now,
  monotonic: () => performance.now(),
  randomBytes,
  credentials: {
    accessKeyId: AWS_ACCESS_KEY_ID,
    secretAccessKey: AWS_SECRET_ACCESS_KEY,
    sessionToken: AWS_SESSION_TOKEN,
  },
  edgeRegion: AWS_REGION,
  version: __VERSION__,
  http: createHttp({ now }),
  // Not console.log: what Lambda puts before its lines would keep CloudWatch from finding the metrics.
  log: (line) => process.stdout.write(`${line}\n`),
});

/** The origin-request function of `/v1/*`. */
export const handler = createCloudFrontHandler({ gate: gate.handle, refuse: gate.refuse, newRequestId: randomUUID });
