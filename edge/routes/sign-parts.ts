import { Problem } from '../../core/contract/problems.ts';
import type { Handle, UploadCall } from '../call.ts';

/** `POST /v1/uploads/{id}/parts`: an upload by one PUT has no parts to sign. */
export const signParts: Handle<UploadCall> = ({ upload }) => {
  throw new Problem('method_unavailable', `Renew this upload instead: it is a ${upload.kind} and has no parts.`);
};
