import type { FormGrant } from '../core/contract/records.ts';
import type { UploadSource } from './source.ts';

/** A form as it goes over the wire. */
export type FormBody = {
  readonly contentType: string;
  /** Bytes before the file's own. */
  readonly head: Uint8Array;
  /** Bytes after them. */
  readonly tail: Uint8Array;
};

/** A name inside quotes, escaped as browsers do it. Source: HTML Standard, multipart/form-data encoding. */
const quoted = (name: string): string =>
  `"${name.replaceAll('\r', '%0D').replaceAll('\n', '%0A').replaceAll('"', '%22')}"`;

/** `multipart/form-data` of the granted fields with the file last, as S3 wants it. Source: RFC 7578. */
export const formBody = (grant: FormGrant, source: Pick<UploadSource, 'name' | 'type'>): FormBody => {
  const boundary = `nearput-${crypto.randomUUID()}`;
  const fields = Object.entries(grant.fields).map(
    ([name, value]) => `--${boundary}\r\ncontent-disposition: form-data; name=${quoted(name)}\r\n\r\n${value}\r\n`,
  );
  const file =
    `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename=${quoted(source.name)}\r\n` +
    `content-type: ${source.type}\r\n\r\n`;
  const encoder = new TextEncoder();
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    head: encoder.encode(fields.join('') + file),
    tail: encoder.encode(`\r\n--${boundary}--\r\n`),
  };
};
