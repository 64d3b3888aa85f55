import { FINALIZE_BODY_MAX_BYTES } from '../../core/contract/limits.ts';
import { Problem } from '../../core/contract/problems.ts';
import { FinalizeBody, parseRequest } from '../../core/contract/schemas.ts';

const JSON_TYPE = /^application\/json\s*(?:;\s*charset\s*=\s*"?utf-8"?\s*)?$/i;

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Problem('body_not_json', 'Send a JSON object, or no body at all.', { cause });
  }
};

const decode = (bytes: Uint8Array): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new Problem('body_not_json', 'Send the JSON as UTF-8.', { cause });
  }
};

/** The claims of a finalize; none if there is no body. Throws `body_too_large`, `media_type`, `body_not_json` or `request_invalid`. */
export const readFinalizeBody = async (request: Request): Promise<FinalizeBody> => {
  const bytes = new Uint8Array(await request.arrayBuffer());
  if (bytes.length === 0) return {};
  if (bytes.length > FINALIZE_BODY_MAX_BYTES) {
    throw new Problem('body_too_large', `Send at most ${FINALIZE_BODY_MAX_BYTES} bytes; these are ${bytes.length}.`);
  }
  if (!JSON_TYPE.test(request.headers.get('content-type') ?? '')) {
    throw new Problem('media_type', 'Send the body as application/json.');
  }
  return parseRequest(FinalizeBody, parseJson(decode(bytes)));
};
