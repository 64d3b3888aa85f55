import { grantDigest } from '../../core/contract/grant.ts';
import { formatId } from '../../core/contract/ids.ts';
import type { FormGrant } from '../../core/contract/records.ts';
import { grantForm } from '../../core/objects/form-grant.ts';
import type { GrantOptions } from './granted-put.fixture.ts';

const OWNER = 'abcdefghijklmnopqrstuvwxyz234567';

/** A form as the gate grants one. */
export const formFor = (options: GrantOptions & { readonly bucket: string }): FormGrant => {
  const plan = { kind: 'form', checksumMode: 'none', partSize: 0, size: options.size } as const;
  const content = {
    name: options.name ?? 'übersicht.txt',
    type: options.type ?? 'text/plain; charset=utf-8',
    sha256: options.sha256 ?? null,
    metadata: options.metadata ?? { album: 'été' },
  };
  const id = formatId({
    ...plan,
    region: 'euw1',
    ownerKey: OWNER,
    nonce: new Uint8Array(16).fill(options.nonce ?? 0),
    grantDigest: grantDigest({ ...plan, ...content }),
  });
  return grantForm({
    ...options,
    issuerId: 'acme',
    ownerKey: OWNER,
    grant: { id, size: options.size, createdAt: new Date(options.now).toISOString(), ...content },
    expiresIn: 300,
  });
};
