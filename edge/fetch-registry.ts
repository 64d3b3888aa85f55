import type { GateRegion } from '../core/config/gate.ts';
import { REGISTRY_KEYS, type RegistryDocumentName } from '../core/contract/registry.ts';
import type { FetchDocument } from '../core/identity/registry-document.ts';
import { objectUrl, s3Endpoint } from '../core/objects/s3-endpoint.ts';
import { signHeaders } from '../core/objects/sign-headers.ts';
import type { SigningCredentials } from '../core/objects/signing-key.ts';
import type { HttpResponse, SendHttp } from './http.ts';

/** Largest registry document, in bytes; a thousand issuers take about one megabyte. */
const DOCUMENT_MAX_BYTES = 8 * 1_048_576;

export type FetchRegistryDeps = {
  readonly regions: Readonly<Record<string, GateRegion>>;
  readonly http: SendHttp;
  readonly credentials: SigningCredentials;
  /** Wall clock, milliseconds since 1970. */
  readonly now: () => number;
};

const etagOf = ({ headers }: HttpResponse): string => {
  const { etag } = headers;
  if (typeof etag !== 'string' || etag === '') throw new Error('S3 answered without an ETag');
  return etag;
};

/** Reads registry documents from a Region's bucket by signed, conditional GETs. */
export const createFetchRegistry =
  ({ regions, http, credentials, now }: FetchRegistryDeps): FetchDocument =>
  async (code, name: RegistryDocumentName, etag, timeoutMs) => {
    const region = regions[code];
    if (region === undefined) throw new Error(`Region ${code} is not deployed`);
    const endpoint = s3Endpoint({ bucket: region.registryBucket, region: region.name, endpoint: region.s3 });
    const url = objectUrl(endpoint, REGISTRY_KEYS[name]);
    const headers = signHeaders({
      method: 'GET',
      url,
      headers: etag === null ? {} : { 'if-none-match': etag },
      region: region.name,
      service: 's3',
      credentials,
      now: now(),
    });
    const response = await http({ method: 'GET', url, headers, timeoutMs, maxBytes: DOCUMENT_MAX_BYTES });
    if (response.status === 304) return { status: 'unchanged' };
    if (response.status !== 200) throw new Error(`S3 in ${region.name} answered ${response.status} for ${name}.json`);
    return { status: 'ok', body: response.body, etag: etagOf(response) };
  };
