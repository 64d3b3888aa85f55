import type { HttpRequest, HttpResponse } from '../http.ts';

const ok = (body: string): HttpResponse => ({ status: 200, headers: {}, body });

/** An S3 that starts uploads in parts, named `{host}-{number}`, and lists them by key; `now` in milliseconds since 1970. */
export const createMultiparts = (now: () => number) => {
  const open: { readonly host: string; readonly key: string; readonly uploadId: string; readonly initiated: string }[] =
    [];
  return ({ method, url }: HttpRequest): HttpResponse => {
    const { host, pathname, searchParams } = new URL(url);
    if (method === 'POST') {
      const uploadId = `${host.split('.').at(-3)}-${open.length + 1}`;
      open.push({ host, key: pathname.slice(1), uploadId, initiated: new Date(now()).toISOString() });
      return ok(`<InitiateMultipartUploadResult><UploadId>${uploadId}</UploadId></InitiateMultipartUploadResult>`);
    }
    const found = open.filter((upload) => upload.host === host && upload.key === searchParams.get('prefix'));
    const items = found.map(
      ({ key, uploadId, initiated }) =>
        `<Upload><Key>${key}</Key><UploadId>${uploadId}</UploadId><Initiated>${initiated}</Initiated></Upload>`,
    );
    return ok(`<ListMultipartUploadsResult>${items.join('')}</ListMultipartUploadsResult>`);
  };
};
