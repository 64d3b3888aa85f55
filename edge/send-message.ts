import type { GateRegion } from '../core/config/gate.ts';
import { signHeaders } from '../core/objects/sign-headers.ts';
import type { SigningCredentials } from '../core/objects/signing-key.ts';
import type { SendHttp } from './http.ts';

const ANSWER_MAX_BYTES = 64 * 1_024;

export type SendMessageDeps = {
  readonly http: SendHttp;
  readonly credentials: SigningCredentials;
  /** Wall clock, milliseconds since 1970. */
  readonly now: () => number;
};

/** JSON in ASCII: SQS refuses some characters that a file name may have, such as U+FFFF. */
const asciiJson = (value: unknown): string =>
  JSON.stringify(value).replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** Sends `message` as JSON to a queue of a Region; `more` has further members of SendMessage. Rejects unless SQS took it in `timeoutMs`. */
export type SendMessage = (
  region: GateRegion,
  queueUrl: string,
  message: unknown,
  timeoutMs: number,
  more?: Readonly<Record<string, string>>,
) => Promise<void>;

/** Speaks SQS's JSON protocol. Source: Amazon SQS API reference, SendMessage. */
export const createSendMessage =
  ({ http, credentials, now }: SendMessageDeps): SendMessage =>
  async (region, queueUrl, message, timeoutMs, more = {}) => {
    const url = `${region.sqs ?? `https://sqs.${region.name}.amazonaws.com`}/`;
    const body = JSON.stringify({ QueueUrl: queueUrl, MessageBody: asciiJson(message), ...more });
    const headers = signHeaders({
      method: 'POST',
      url,
      headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'AmazonSQS.SendMessage' },
      body,
      region: region.name,
      service: 'sqs',
      credentials,
      now: now(),
    });
    const { status } = await http({ method: 'POST', url, headers, body, timeoutMs, maxBytes: ANSWER_MAX_BYTES });
    if (status !== 200) throw new Error(`SQS in ${region.name} answered ${status}`);
  };
