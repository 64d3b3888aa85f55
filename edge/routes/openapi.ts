import document from '../../docs/openapi.json' with { type: 'json' };
import type { Call, Handle } from '../call.ts';
import { respondJson } from '../respond.ts';

/** `GET /v1/openapi.json`: the description of every route. */
export const openapi: Handle<Call> = () => respondJson(200, document);
