import { ISSUER_ID, isOwnedBy, OWNER_KEY, type ParsedId, parseId, type UploadId } from '../contract/ids.ts';

/** Whose object it is and which. */
export type ObjectKeyParts = {
  /** Registry id of the issuer. */
  readonly issuerId: string;
  /** 32 base32 characters. */
  readonly ownerKey: string;
  readonly id: UploadId;
};

const PREFIX = 'u';

/** The key of an upload's object: `u/{issuerId}/{ownerKey}/{id}`. Throws a TypeError for an issuer id or ownerKey that is none. */
export const objectKey = ({ issuerId, ownerKey, id }: ObjectKeyParts): string => {
  if (!ISSUER_ID.test(issuerId)) throw new TypeError('an object key needs the registry id of an issuer');
  if (!OWNER_KEY.test(ownerKey)) throw new TypeError('an object key needs an ownerKey of 32 base32 characters');
  return `${PREFIX}/${issuerId}/${ownerKey}/${id}`;
};

/** What a key says; `upload` is the parsed id. */
export type ParsedObjectKey = ObjectKeyParts & { readonly upload: ParsedId };

/**
 * Reads an object key (not URL-encoded); `undefined` for every other spelling and for an id that was not minted for the
 * ownerKey beside it.
 */
export const parseObjectKey = (key: string): ParsedObjectKey | undefined => {
  const [prefix, issuerId = '', ownerKey = '', id = '', ...rest] = key.split('/');
  if (prefix !== PREFIX || rest.length > 0) return undefined;
  if (!ISSUER_ID.test(issuerId) || !OWNER_KEY.test(ownerKey)) return undefined;
  const upload = parseId(id);
  if (upload === undefined || !isOwnedBy(upload, ownerKey)) return undefined;
  return { issuerId, ownerKey, id: upload.id, upload };
};
