/** Why a claim is not to be trusted, and what to take instead. */
export type UserWritable = { readonly who: string; readonly cure: string };

type Rule = UserWritable & { readonly matches: (path: readonly string[]) => boolean };

/** OpenID Connect Core 1.0, 5.1: what people, or whoever looks after their mailbox or number, can change. */
const PROFILE = [
  'name',
  'given_name',
  'family_name',
  'middle_name',
  'nickname',
  'preferred_username',
  'profile',
  'picture',
  'website',
  'email',
  'email_verified',
  'gender',
  'birthdate',
  'zoneinfo',
  'locale',
  'phone_number',
  'phone_number_verified',
  'address',
  'updated_at',
];

const METADATA = ['user_metadata', 'raw_user_meta_data', 'unsafe_metadata'];

const last = (path: readonly string[]): string => path.at(-1) ?? '';
/** Auth0 asks for names that look like addresses: the last word of `https://acme.example/user_metadata` counts. */
const words = (path: readonly string[]): readonly string[] => path.map((name) => name.split('/').at(-1) ?? '');

const RULES: readonly Rule[] = [
  {
    matches: (path) => words(path).some((word) => METADATA.includes(word)),
    who: 'users write this metadata themselves (Auth0, Supabase, Clerk)',
    cure: 'take a claim that only your provider or its administrators set, such as org_id or one from app_metadata',
  },
  {
    matches: (path) => path[0]?.startsWith('custom:') === true,
    who: 'app clients of Cognito may write custom attributes, and they may by default',
    cure: 'let a pre-token-generation trigger add a claim of its own name',
  },
  {
    matches: (path) => ['upn', 'unique_name', 'verified_primary_email', 'login_hint'].includes(last(path)),
    who: 'Entra ID lets it change and be reused',
    cure: 'take tid for the tenant and oid for the subject',
  },
  {
    matches: (path) => path[0] === 'firebase' && ['identities', 'sign_in_attributes'].includes(path[1] ?? ''),
    who: 'users of Firebase link identities themselves',
    cure: 'take firebase → tenant for the tenant and sub for the subject',
  },
  {
    matches: (path) => PROFILE.includes(last(path)),
    who: 'people change it in their profile, or lose and reuse it',
    cure: 'take a claim that only your provider sets, such as sub for the subject or org_id for the tenant',
  },
];

/** Whether users of a common provider can write the claim at this path, or a claim on the way to it; `undefined`: not known to be so. */
export const userWritable = (path: readonly string[]): UserWritable | undefined =>
  RULES.find(({ matches }) => matches(path));
