import { refusedWith, type TokenFamily } from './types.ts';

const malformed = refusedWith('token_malformed');
const otherType = refusedWith('token_type');

const HEADER_REFUSALS: Readonly<Record<string, unknown>> = {
  jku: 'https://evil.example/jwks.json',
  x5u: 'https://evil.example/cert.pem',
  x5c: ['MIIB'],
  jwk: { kty: 'EC' },
  crit: ['exp'],
  zip: 'DEF',
  b64: false,
  enc: 'A256GCM',
  epk: {},
};

/** What a header may not say. */
export const HEADER: TokenFamily = {
  family: 'header',
  twins: [
    { name: 'typ JWT', change: { header: { typ: 'JWT' } } },
    { name: 'typ in another case', change: { header: { typ: 'AT+JWT' } } },
    { name: 'typ as a full media type', change: { header: { typ: 'application/at+jwt' } } },
    { name: 'a certificate thumbprint', change: { header: { x5t: 'aGVsbG8' } } },
    {
      name: 'no typ where the entry says so',
      change: { header: { typ: undefined }, entry: { tokenTypes: ['absent'] } },
    },
  ],
  hostile: [
    ...Object.entries(HEADER_REFUSALS).map(([name, value]) =>
      malformed(`header ${name}`, `header_${name}_refused`, { header: { [name]: value } }),
    ),
    malformed('an empty crit', 'header_crit_refused', { header: { crit: [] } }),
    malformed('no alg', 'header_alg_missing', { header: { alg: undefined } }),
    malformed('alg as a number', 'header_alg_missing', { header: { alg: 256 } }),
    malformed('alg in a list', 'header_alg_missing', { header: { alg: ['ES256'] } }),
    malformed('no kid', 'header_kid_missing', { header: { kid: undefined } }),
    malformed('an empty kid', 'header_kid_missing', { header: { kid: '' } }),
    malformed('kid as a number', 'header_kid_missing', { header: { kid: 1 } }),
    malformed('kid with a line break', 'header_kid_missing', { header: { kid: 'k\n' } }),
    malformed('kid of 256 characters', 'header_kid_missing', { header: { kid: 'k'.repeat(256) } }),
    malformed('typ as a number', 'header_typ_invalid', { header: { typ: 1 } }),
    otherType('typ that spells absent where none is wanted', 'type_not_accepted', {
      header: { typ: 'absent' },
      entry: { tokenTypes: ['absent'] },
    }),
    ...[undefined, '', 'id+jwt', 'logout+jwt', 'absent', 'at+jwt ', 'application/application/at+jwt'].map((typ) =>
      otherType(`typ ${JSON.stringify(typ)}`, 'type_not_accepted', { header: { typ } }),
    ),
  ],
};
