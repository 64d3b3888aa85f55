import type { GateRegion } from '../core/config/gate.ts';
import type { CreatedEvent } from '../core/contract/events.ts';
import { signHeaders } from '../core/objects/sign-headers.ts';
import type { SigningCredentials } from '../core/objects/signing-key.ts';
import type { SendHttp } from './http.ts';

const ANSWER_MAX_BYTES = 64 * 1_024;

export type SendCreatedDeps = {
  readonly http: SendHttp;
  readonly credentials: SigningCredentials;
  /** Wall clock, milliseconds since 1970. */
  readonly now: () => number;
};

/** Tells a Region's events queue of a grant; rejects unless SQS took it in `timeoutMs`. */
export type SendCreated = (region: GateRegion, event: CreatedEvent, timeoutMs: number) => Promise<void>;

/** JSON in ASCII: SQS refuses some characters that a file name may have, such as U+FFFF. */
const asciiJson = (value: unknown): string =>
  JSON.stringify(value).replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** Sends "created" by SQS's JSON protocol. Source: Amazon SQS API reference, SendMessage. */
export const createSendCreated =
  ({ http, credentials, now }: SendCreatedDeps): SendCreated =>
  async (region, event, timeoutMs) => {
    const url = `${region.sqs ?? `https://sqs.${region.name}.amazonaws.com`}/`;
    const body = JSON.stringify({ QueueUrl: region.queueUrl, MessageBody: asciiJson(event) });
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
