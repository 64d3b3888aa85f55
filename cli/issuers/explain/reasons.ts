/** What every exact refusal class means, and what to look at. */
const REASONS: Readonly<Record<string, string>> = {
  authorization_absent: 'there is no token',
  authorization_repeated: 'there is more than one Authorization header',
  scheme_not_bearer: 'the Authorization header does not begin with Bearer',
  bearer_not_a_token: 'it holds characters that no token has: look for quotes, spaces or a line break',
  too_long: 'it is longer than 7 KiB: ask the issuer for fewer claims',
  not_three_parts: 'it is not three parts between dots: this is no signed JWT, or it was cut off',
  header_not_base64url: 'its first part is not canonical base64url',
  claims_not_base64url: 'its second part is not canonical base64url',
  signature_not_base64url: 'its third part is not canonical base64url: it may have been cut off',
  header_alg_missing: 'its header has no alg',
  header_kid_missing: 'its header has no usable kid: configure the issuer to send one',
  header_typ_invalid: 'the typ of its header is no text',
  claims_iss_missing: 'it has no usable iss',
  issuer_unknown: 'no entry has exactly this iss: compare every character, also the last slash',
  alg_not_allowed: 'the entry does not list this alg under algorithms',
  keys_absent: 'the issuer has no keys yet: its key set was never fetched from its jwksUri',
  keys_ended: 'the issuer’s key set was not renewed for too long and no longer serves: look at its provider',
  kid_unknown: 'the issuer has no usable key with this kid: a new one is known within 30 s, a weak one never',
  alg_not_of_key: 'the key with this kid is not for this alg',
  signature_bad: 'the signature does not fit: it was signed by another key, or changed on its way',
  type_not_accepted: 'the entry does not list this typ under tokenTypes: an ID token instead of an access token?',
  exp_invalid: 'exp is missing or no time',
  iat_invalid: 'iat is missing or no time',
  nbf_invalid: 'nbf is no time',
  expired: 'it has expired',
  ends_before_it_was_issued: 'exp is not after iat',
  before_nbf: 'it is not valid yet: look at the issuer’s clock',
  iat_in_future: 'it was issued in the future: look at the issuer’s clock',
  life_above_maximum: 'it lives longer than maxTokenAgeSeconds of the entry',
  audience_missing: 'it names no audience where the entry looks for one',
  audience_not_ours: 'none of its audiences is listed in the entry',
  required_claim_differs: 'a claim under requiredClaims of the entry is missing or has another value',
  sub_invalid: 'sub is missing, empty, too long, or no text',
  subject_invalid: 'the claim that names the subject is missing, empty, too long, or no text',
  tenant_invalid: 'the claim that names the tenant is missing, empty, too long, or no text',
  tenant_not_listed: 'its tenant is not listed in the entry',
  permissions_invalid: 'the claim that lists permissions is neither a text nor a list of texts',
  jti_invalid: 'its jti is no usable text, so it could not be revoked',
  issuer_disabled: 'its issuer is disabled',
  key_revoked: 'the key that signed it is revoked',
  jti_revoked: 'this very token is revoked',
  subject_revoked: 'its subject is revoked',
  issued_before: 'everything issued before a later moment is revoked',
  principal_incomplete: 'it names nobody',
};

const JSON_FAULTS: Readonly<Record<string, string>> = {
  not_utf8: 'is not UTF-8',
  not_json: 'is not JSON',
  not_an_object: 'is no JSON object',
  too_deep: 'is nested too deeply',
  too_many_members: 'has too many members',
  duplicate_member: 'has a member twice',
  text_ill_formed: 'has a text that is not well-formed Unicode',
};

const partFault = (reason: string): string | undefined => {
  const [, part = '', fault = ''] = /^(header|claims)_(.+)$/.exec(reason) ?? [];
  const words = JSON_FAULTS[fault];
  if (words !== undefined) return `its ${part === 'header' ? 'header' : 'claims'} part ${words}`;
  const [, name] = /^(\w+)_refused$/.exec(fault) ?? [];
  return name === undefined ? undefined : `its header has ${name}, which is never followed`;
};

/** A refusal class in words; `undefined` for one that does not exist. */
export const reasonInWords = (reason: string): string | undefined => REASONS[reason] ?? partFault(reason);
