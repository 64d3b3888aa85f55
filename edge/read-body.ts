import { isUtf8 } from 'node:buffer';
import { DOCUMENT_MAX_BYTES, FINALIZE_BODY_MAX_BYTES, JSON_BODY_MAX_BYTES } from '../core/contract/limits.ts';
import { Problem } from '../core/contract/problems.ts';
import type { Route } from '../core/contract/routes.ts';
import { type GateRequest, headerValues, singleHeader } from './request.ts';

const JSON_TYPE = /^application\/json(?:[ \t]*;[ \t]*charset="?utf-8"?)?[ \t]*$/i;
const LENGTH = /^\d{1,15}$/;

const MAX_BYTES: Readonly<Record<Exclude<Route['body'], 'none'>, number>> = {
  json: JSON_BODY_MAX_BYTES,
  finalize: FINALIZE_BODY_MAX_BYTES,
  document: DOCUMENT_MAX_BYTES,
};

/** The declared length in bytes; `undefined` if there is none. */
const declaredLength = (request: GateRequest): number | undefined => {
  const text = singleHeader(request, 'content-length');
  return text !== undefined && LENGTH.test(text) ? Number(text) : undefined;
};

const checkType = (request: GateRequest): void => {
  if (headerValues(request, 'content-encoding').length > 0) {
    throw new Problem('media_type', 'Send the body as it is, without content-encoding.');
  }
  if (!JSON_TYPE.test(singleHeader(request, 'content-type') ?? '')) {
    throw new Problem('media_type', 'Send the body as content-type application/json, in UTF-8.');
  }
};

/**
 * Checks what a body's headers say, in this order: content-length where the route needs one (411), type and encoding (415),
 * size (413). A missing body passes where it may be missing.
 */
export const checkBody = (route: Route, request: GateRequest): void => {
  if (route.body === 'none') return;
  const length = declaredLength(request);
  if (route.body === 'document' && length === undefined) {
    throw new Problem('length_required', 'Send a content-length; a document cannot be sent in chunks.');
  }
  const present = (length ?? 0) > 0 || request.body.base64 !== '' || request.body.truncated;
  if (route.body === 'finalize' && !present) return;
  checkType(request);
  const max = MAX_BYTES[route.body];
  const seen = Buffer.byteLength(request.body.base64, 'base64');
  if (Math.max(length ?? 0, seen) > max || (request.body.truncated && route.body === 'json')) {
    throw new Problem('body_too_large', `Send a body of at most ${max} bytes.`);
  }
};

/** Where JSON.parse stumbled, without repeating what it read. */
const positionOf = (error: SyntaxError): string => {
  const [, position] = /at position (\d+)/.exec(error.message) ?? [];
  return position === undefined ? '' : ` It breaks at character ${position}.`;
};

/** The JSON value of a checked body. Throws `body_not_json`. */
export const readJson = (request: GateRequest): unknown => {
  const bytes = Buffer.from(request.body.base64, 'base64');
  if (!isUtf8(bytes)) throw new Problem('body_not_json', 'Send the body in UTF-8.');
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new Problem('body_not_json', `Send one JSON object as the body.${positionOf(error)}`);
  }
};
