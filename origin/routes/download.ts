import type { Download } from '../../core/contract/records.ts';
import { objectKey } from '../../core/objects/object-key.ts';
import { readInline, readTtl } from '../http/query.ts';
import { contentDisposition, isInlineType } from '../objects/content-disposition.ts';
import type { RecordIn } from '../record/record.ts';
import type { RouteDeps, UploadCall } from './call.ts';

/** How a caller wants its link. */
export type DownloadWish = { readonly ttl: number; readonly inline: boolean };

/** Reads `?ttl=` and `?inline`; throws `request_invalid`. */
export const readDownloadWish = (query: URLSearchParams): DownloadWish => ({
  ttl: readTtl(query),
  inline: readInline(query),
});

const UNKNOWN_TYPE = 'application/octet-stream';

/** A link to the pinned version; name, type and disposition are signed into it. */
export const createDownload = (
  deps: RouteDeps,
  call: UploadCall,
  record: RecordIn<'UPLOADED'>,
  { ttl, inline }: DownloadWish,
): Promise<Download> => {
  const type = record.grant?.type ?? UNKNOWN_TYPE;
  const shown = inline && isInlineType(type);
  return call.budget.run('sign', () =>
    deps.objects.presignDownload({
      key: objectKey(call.subject),
      versionId: record.pin.versionId,
      ttl,
      contentType: shown ? (type.split(';', 1)[0] ?? type).trim() : type,
      contentDisposition: contentDisposition({ name: record.grant?.name ?? record.id, type, inline }),
    }),
  );
};
