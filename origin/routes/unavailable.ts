import { Problem } from '../../core/contract/problems.ts';
import type { CallHandler } from './call.ts';

/** `POST /v1/documents`. Throws `method_unavailable`. */
export const createDocument: CallHandler = async () => {
  throw new Problem('method_unavailable', 'Documents are not available; create an upload of type application/json.');
};
