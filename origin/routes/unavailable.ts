import { Problem } from '../../core/contract/problems.ts';
import type { CallHandler, UploadCallHandler } from './call.ts';

/** `GET /v1/uploads/{id}/parts`: no upload of this version has parts. Throws `method_unavailable`. */
export const listParts: UploadCallHandler = async () => {
  throw new Problem(
    'method_unavailable',
    'This upload has no parts: it travels in one PUT. Ask for its record instead.',
  );
};

/** `POST /v1/documents`. Throws `method_unavailable`. */
export const createDocument: CallHandler = async () => {
  throw new Problem('method_unavailable', 'Documents are not available; create an upload of type application/json.');
};
